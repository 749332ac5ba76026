import type { Client } from '@temporalio/client'
import { defaultPayloadConverter } from '@temporalio/common'
import { ORDER_SN } from '../contracts/search-attributes.ts'
import { canBeWorkflowId } from '../contracts/workflow-id.ts'

/** The part of a client that asks about runs. */
export type RunClient = Pick<Client, 'workflowService' | 'options'>

type Description = Awaited<ReturnType<Client['workflowService']['describeWorkflowExecution']>>

/** A Workflow Execution as the server describes it. */
export interface RunSeen {
  workflowId: string
  runId: string
  type: string
  status: string
  /** Numbers of the orders that it reports to be at. Its id is no proof: a client may use one again, for another order. */
  orderSns: string[] | undefined
  raw: Description
}

/** The names of temporal.api.enums.v1.WorkflowExecutionStatus, by value. */
const STATUSES = [
  'UNSPECIFIED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'PAUSED',
]
/** gRPC statuses. */
const INVALID_ARGUMENT = 3
const NOT_FOUND = 5

/**
 * The last run of a Workflow Id. Nothing of it is decoded but the search attribute: a memo that cannot be read must not hide it.
 * @returns `undefined` if there is none that the server remembers, or no run can have this id
 * @throws the server's error, if it could not be asked
 */
export async function describeRun({ workflowService, options }: RunClient, workflowId: string): Promise<RunSeen | undefined> {
  if (!canBeWorkflowId(workflowId)) return undefined
  const { namespace } = options
  try {
    const raw = await workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } })
    const info = raw.workflowExecutionInfo
    return {
      workflowId,
      runId: info?.execution?.runId ?? '',
      type: info?.type?.name ?? '',
      status: STATUSES[info?.status ?? 0] ?? 'UNKNOWN',
      orderSns: orderSnsOf(info),
      raw,
    }
  } catch (error) {
    if (saysThereIsNone(error)) return undefined
    throw error
  }
}

/** Numbers of the orders that a run reports to be at; `undefined` if it does not say. */
export function orderSnsOf(info: Description['workflowExecutionInfo']): string[] | undefined {
  const payload = info?.searchAttributes?.indexedFields?.[ORDER_SN.name]
  if (!payload) return undefined
  try {
    const value = defaultPayloadConverter.fromPayload<unknown>(payload)
    return [value].flat().filter((one) => typeof one === 'string')
  } catch {
    return undefined
  }
}

/** A namespace that is lost has the same status, and proves nothing about a run. */
function saysThereIsNone(error: unknown): boolean {
  const { code, details = '' } = error as { code?: unknown; details?: string }
  return (code === NOT_FOUND || code === INVALID_ARGUMENT) && !/^namespace /i.test(details)
}
