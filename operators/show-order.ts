import { isConfirmed, isSettled, type StoredOrder } from '../store/stored-order.ts'
import { attendanceOf, pausedIn } from '../temporal/attendance.ts'
import { decodeHistory } from '../temporal/decode-history.ts'
import { describeRun, type RunSeen } from '../temporal/describe-run.ts'
import { getsOn } from '../temporal/gets-on.ts'
import { runsOf } from '../temporal/runs-of-order.ts'
import { type RecordedStep, sagaSteps } from '../temporal/saga-steps.ts'
import { messageOf } from './message-of.ts'
import type { OperatorDeps } from './operator-deps.ts'
import { requireOrder } from './require-order.ts'
import type { OrderRun, ShownOrder } from './shown-order.ts'

/** @throws Refused if the store has no such order */
export async function showOrder(deps: OperatorDeps, orderSn: string): Promise<ShownOrder> {
  const stored = await requireOrder(deps, orderSn)
  const { fingerprint: _, requestId: __, ...order } = stored
  const [holding, ledger, audit, payments, runs, answeredBy] = await Promise.all([
    deps.reconciliation.store.holding(orderSn),
    ledgerOf(deps, orderSn),
    deps.orders.readAudit(orderSn),
    deps.orders.paymentsOf([orderSn]),
    Promise.all(runsOf(stored).map((workflowId) => runOf(deps, workflowId, orderSn))),
    answeredByOf(deps, stored),
  ])
  const asked = holding?.asked ?? []
  return {
    order,
    pieces: order.lines.length > 0 ? order.lines.map(({ goodsId, num }) => ({ goodsId, num })) : asked,
    payments,
    ...(ledger && { ledger }),
    runs: runs.flatMap((run) => run ?? []),
    ...(answeredBy !== undefined && { answeredBy }),
    audit,
  }
}

/** An inventory that is away is no reason to show nothing. */
async function ledgerOf({ reconciliation: { ledger } }: OperatorDeps, orderSn: string): Promise<ShownOrder['ledger']> {
  return await ledger?.sale(orderSn).catch(() => ({ state: 'UNREACHABLE' as const, lines: [] as [] }))
}

/** A settled order is not asked about: what the store holds was confirmed or closed after it. */
async function answeredByOf({ client }: OperatorDeps, order: StoredOrder): Promise<string | undefined> {
  if (isSettled(order)) return undefined
  const attendance = await attendanceOf(client, { ...order, wasConfirmed: isConfirmed(order) }).catch(() => undefined)
  return attendance?.kind === 'answered' ? attendance.workflowId : undefined
}

/** A run that cannot be asked about hides nothing else of the order. */
async function runOf(deps: OperatorDeps, workflowId: string, orderSn: string): Promise<OrderRun | undefined> {
  const { client, runUrl } = deps
  const url = runUrl && { url: runUrl(workflowId) }
  try {
    const run = await describeRun(client, workflowId)
    if (!run || run.orderSns?.includes(orderSn) === false) return undefined
    const { type, raw } = run
    const { payloadCodecs } = client.options.loadedDataConverter
    const history = await decodeHistory(await client.workflow.getHandle(workflowId, run.runId).fetchHistory(), payloadCodecs)
    const steps = sagaSteps(history, orderSn).map((step) => ({ ...step, ...attemptOf(raw, step) }))
    const isStalled = run.status === 'RUNNING' && !(await getsOn(client, run, orderSn))
    const paused = pausedIn(run)
    return { workflowId, type, status: isStalled ? 'STALLED' : run.status, ...(paused.length > 0 && { paused }), ...url, steps }
  } catch (error) {
    return { workflowId, type: 'run', status: `UNKNOWN (${messageOf(error)})`, ...url, steps: [] }
  }
}

type Description = RunSeen['raw']

/** A history records an attempt only when it has ended; the server itself knows those under way. */
function attemptOf({ pendingActivities }: Description, { activity, outcome }: RecordedStep): { attempt?: number } {
  if (outcome !== 'open') return {}
  const pending = pendingActivities?.find(({ activityType }) => activityType?.name === activity)
  return pending?.attempt ? { attempt: pending.attempt } : {}
}
