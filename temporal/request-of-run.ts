import { defaultPayloadConverter } from '@temporalio/common'
import type { OrderRequest } from '../contracts/create-order.ts'
import { parseOrderRequest } from '../contracts/order-request.ts'
import { orderSnOf } from '../contracts/order-sn.ts'
import { decodePayloads } from './decode-payloads.ts'
import type { RunClient } from './describe-run.ts'

/**
 * Finds the request of an order in the input of a run that was at it: its own, or a batch's.
 * @returns `undefined` if the run's input names no such order, or Temporal has forgotten the run
 * @throws PayloadLocked if the input is encrypted and its key is missing
 */
export async function requestOfRun(
  { workflowService, options }: RunClient,
  workflowId: string,
  orderSn: string,
): Promise<OrderRequest | undefined> {
  const { namespace, loadedDataConverter } = options
  const page = await workflowService.getWorkflowExecutionHistory({ namespace, execution: { workflowId }, maximumPageSize: 1 })
  const started = page.history?.events?.[0]?.workflowExecutionStartedEventAttributes
  const payloads = await decodePayloads(started?.input?.payloads ?? [], loadedDataConverter.payloadCodecs)
  // A request without a name of its own was named after the run (workflows/create-order.ts).
  const name = `run-${started?.firstExecutionRunId}`
  const inputs = payloads.flatMap((payload) => defaultPayloadConverter.fromPayload<unknown>(payload))
  return inputs.flatMap((input) => requestIn(input, name)).find((request) => orderSnOf(request) === orderSn)
}

/** Anybody may have started the run, with any input. */
function requestIn(input: unknown, name: string): OrderRequest[] {
  try {
    return [parseOrderRequest(input, name)]
  } catch {
    return []
  }
}
