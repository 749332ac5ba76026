import {
  CLEAR_REQUEST,
  type CreateOrderInput,
  ORDER_REQUEST,
  type OrderInput,
  type OrderRequest,
  SEALED_REQUEST,
} from './create-order.ts'
import { InputProblems } from './input-problems.ts'
import { refuseIfAny } from './invalid-input.ts'
import { MAX_QUANTITY } from './limits.ts'
import { type Line, mergeLines } from './order.ts'
import type { Schema } from './schema.ts'

/**
 * The checked form of a workflow's input, whoever started it.
 * @param fallbackRequestId names the request if the input does not
 * @param byRulesOfToday whether the rules count that came after orders were in flight; asked only about input that breaks one of
 * them. A run that began before is to go on as its history says
 * @throws ApplicationFailure InvalidInput, details.fields naming each bad field
 */
export function parseOrderRequest(input: unknown, fallbackRequestId: string, byRulesOfToday?: () => boolean): OrderRequest {
  const problems = new InputProblems()
  const schema: Schema<OrderInput> = isSealed(input) ? SEALED_REQUEST : CLEAR_REQUEST
  const asked = withMergedLines(schema.read, input, problems)
  refuseIfAny(problems, byRulesOfToday)
  return { ...asked, requestId: asked.requestId ?? fallbackRequestId }
}

/**
 * The same for whoever looks at more than the body, and takes no sealed recipient: a caller's is in clear.
 * @param problems takes all that is wrong; what is returned is good only if nothing was
 */
export function readOrderRequest(input: unknown, problems: InputProblems): CreateOrderInput {
  return withMergedLines(ORDER_REQUEST.read, input, problems)
}

function isSealed(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'sealed' in input
}

function withMergedLines<Asked extends OrderInput>(read: Schema<Asked>['read'], input: unknown, problems: InputProblems): Asked {
  const before = problems.count
  const asked = read(input, '', problems)
  return asked.lines && problems.count === before ? { ...asked, lines: merged(asked.lines, problems) } : asked
}

function merged(sent: readonly Line[], problems: InputProblems): Line[] {
  const lines = mergeLines(sent)
  for (const { goodsId, num } of lines) {
    if (num > MAX_QUANTITY) {
      problems.add('lines', `must ask for at most ${MAX_QUANTITY} pieces of goods ${goodsId} in all, not ${num}`)
    }
  }
  return lines
}
