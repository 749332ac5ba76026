import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import type { Answer } from '../contracts/attendance.ts'
import { type CreateOrderResult, settleBesideWorkflowId, settleOrderWorkflowId } from '../contracts/create-order.ts'
import { isOrderSn } from '../contracts/order.ts'
import { ORDER_SN } from '../contracts/search-attributes.ts'
import { decodePayloads } from './decode-payloads.ts'
import { describeRun, type RunClient } from './describe-run.ts'
import { type HistoryEvent, newestEvents } from './newest-events.ts'
import { quoted } from './quoted.ts'

/** A request that is repeated has a run each time; the first answers are as good as the last. */
const RUNS = 20
/** The newest events of a run that are read; that of one order has some 30, that of a batch fewer. */
const EVENTS = 200
/** Depth to which objects are searched: the answer to one order stands in the list of a batch's outcomes. */
const DEPTH = 5

/**
 * Finds what a run that has ended knew of an order as confirmed: as its result, or as that of its confirmOrder, behind which its caller may
 * have been answered. The store is set back behind that if its database is restored, or fails over to a replica that lacks it.
 * @param workflowIds of runs that may have been at it; others are found by what they say they are at
 */
export async function answerGiven(
  client: RunClient,
  orderSn: string,
  workflowIds: readonly string[],
): Promise<Answer | undefined> {
  if (!isOrderSn(orderSn)) return undefined
  let bare: Answer | undefined
  for (const run of [...(await ended(client, workflowIds)), ...(await endedAt(client, orderSn))]) {
    const results = await resultsIn(client, await newestEvents(client, run, EVENTS))
    const order = results.map((result) => confirmedIn(result, orderSn)).find((one) => one !== undefined)
    if (order?.lines?.length) return { workflowId: run.workflowId, order: order as CreateOrderResult }
    // A settleOrder names no order in its result: its id does.
    const isSettled = results[0] === 'confirmed' && isSettling(run, orderSn)
    if (order || isSettled) bare ??= { workflowId: run.workflowId }
  }
  return bare
}

interface Run {
  workflowId: string
  runId: string
}

function isSettling({ workflowId }: Run, orderSn: string): boolean {
  return [settleOrderWorkflowId(orderSn), settleBesideWorkflowId(orderSn)].includes(workflowId)
}

async function ended(client: RunClient, workflowIds: readonly string[]): Promise<Run[]> {
  const runs = await Promise.all(workflowIds.map((workflowId) => describeRun(client, workflowId)))
  return runs.filter((run) => run !== undefined).filter(({ status }) => status !== 'RUNNING' && status !== 'PAUSED')
}

/** Finds runs whose ids were used again by now, too. The list lags, and is no more than a second look. */
async function endedAt({ workflowService, options: { namespace } }: RunClient, orderSn: string): Promise<Run[]> {
  const query = `${ORDER_SN.name} = ${quoted(orderSn)} AND ExecutionStatus != 'Running'`
  const { executions } = await workflowService.listWorkflowExecutions({ namespace, query, pageSize: RUNS })
  return (executions ?? []).map(({ execution }) => ({
    workflowId: execution?.workflowId ?? '',
    runId: execution?.runId ?? '',
  }))
}

/**
 * Results of the run, of its activities and of its local ones.
 * @throws PayloadLocked if one is encrypted and its key is missing: an order that was answered as confirmed would be taken for one that was not
 */
async function resultsIn({ options }: RunClient, events: HistoryEvent[]): Promise<unknown[]> {
  const payloads = await decodePayloads(events.flatMap(resultsOf), options.loadedDataConverter.payloadCodecs)
  return payloads.flatMap((payload) => {
    try {
      return [defaultPayloadConverter.fromPayload<unknown>(payload)]
    } catch {
      return []
    }
  })
}

function resultsOf(event: HistoryEvent): Payload[] {
  const local = event.markerRecordedEventAttributes?.details?.result?.payloads
  const whole = event.workflowExecutionCompletedEventAttributes?.result?.payloads
  return whole ?? event.activityTaskCompletedEventAttributes?.result?.payloads ?? local ?? []
}

/**
 * Returns what is priced under this number, wherever it stands. Anybody may have started the run, so its results may be anything.
 */
function confirmedIn(value: unknown, orderSn: string, depth = DEPTH): Partial<CreateOrderResult> | undefined {
  if (typeof value !== 'object' || value === null || depth === 0) return undefined
  const order = value as Partial<CreateOrderResult>
  if (order.orderSn === orderSn && order.total !== undefined && order.payDeadline !== undefined) return order
  for (const one of Object.values(value)) {
    const found = confirmedIn(one, orderSn, depth - 1)
    if (found) return found
  }
  return undefined
}
