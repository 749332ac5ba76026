import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { Line } from '../contracts/order.ts'
import type { LedgerEntry } from '../reconciliation/judge-order.ts'
import { type AuditEntry, readAudit } from '../store/audit.ts'
import type { StoredOrder } from '../store/stored-order.ts'
import { namesOrder } from '../temporal/names-order.ts'
import { runsOf } from '../temporal/runs-of-order.ts'
import { type SagaStep, sagaSteps } from '../temporal/saga-steps.ts'
import type { OperatorParts } from './operator-parts.ts'
import { requireOrder } from './require-order.ts'

/** One run that was at the order. */
export interface OrderRun {
  workflowId: string
  type: string
  /** As Temporal names it: RUNNING, COMPLETED, FAILED, … */
  status: string
  /** In the web UI. */
  url?: string
  steps: SagaStep[]
}

/** All that is known of one order; no personal data. */
export interface ShownOrder {
  order: Omit<StoredOrder, 'fingerprint' | 'requestId'>
  /** What was asked for, or confirmed. */
  pieces: Line[]
  /** What the inventory holds for it; absent where it keeps no ledger. */
  ledger?: LedgerEntry | { state: 'UNREACHABLE'; lines: [] }
  /** Those that the server still remembers, the first that was at it first. */
  runs: OrderRun[]
  audit: (AuditEntry & { at: string })[]
}

/** @throws Refused where the store has no such order */
export async function showOrder(parts: OperatorParts, orderSn: string): Promise<ShownOrder> {
  const stored = await requireOrder(parts, orderSn)
  const { fingerprint: _, requestId: __, ...order } = stored
  const [holding, ledger, audit, runs] = await Promise.all([
    parts.reconciliation.store.holding(orderSn),
    ledgerOf(parts, orderSn),
    readAudit(parts.db, orderSn),
    Promise.all(runsOf(stored).map((workflowId) => runOf(parts, workflowId, orderSn))),
  ])
  const asked = holding?.asked ?? []
  return {
    order,
    pieces: order.lines.length > 0 ? order.lines.map(({ goodsId, num }) => ({ goodsId, num })) : asked,
    ...(ledger && { ledger }),
    runs: runs.flatMap((run) => run ?? []),
    audit,
  }
}

/** An inventory that is away is no reason to show nothing. */
async function ledgerOf({ reconciliation: { ledger } }: OperatorParts, orderSn: string): Promise<ShownOrder['ledger']> {
  return await ledger?.sale(orderSn).catch(() => ({ state: 'UNREACHABLE' as const, lines: [] as [] }))
}

async function runOf(parts: OperatorParts, workflowId: string, orderSn: string): Promise<OrderRun | undefined> {
  const handle = parts.client.workflow.getHandle(workflowId)
  try {
    const run = await handle.describe()
    if (namesOrder(run, orderSn) === false) return undefined
    const { type, status, raw } = run
    const steps = sagaSteps(await handle.fetchHistory(), orderSn).map((step) => ({ ...step, ...attemptOf(raw, step) }))
    return { workflowId, type, status: status.name, ...(parts.runUrl && { url: parts.runUrl(workflowId) }), steps }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

type Description = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>['raw']

/** A history tells an attempt only when it has ended; of those under way the server itself knows. */
function attemptOf({ pendingActivities }: Description, { activity, outcome }: SagaStep): { attempt?: number } {
  if (outcome !== 'open') return {}
  const pending = pendingActivities?.find(({ activityType }) => activityType?.name === activity)
  return pending?.attempt ? { attempt: pending.attempt } : {}
}
