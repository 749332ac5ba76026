import { type CreateOrderInput, ORDER_REQUEST, type OrderRequest } from './create-order.ts'
import { InputProblems } from './input-problems.ts'
import { refuseIfAny } from './invalid-input.ts'
import { MAX_QUANTITY } from './limits.ts'
import { type Line, mergeLines } from './order.ts'

/**
 * The checked form of what somebody sent, over HTTP or as the workflow's input.
 * @param fallbackRequestId names the request if the input does not
 * @param byRulesOfToday whether the rules count that came after orders were in flight; asked only about input that breaks one of
 * them. A run that began before is to go on as its history says
 * @throws ApplicationFailure InvalidInput, details.fields naming each bad field
 */
export function parseOrderRequest(input: unknown, fallbackRequestId: string, byRulesOfToday?: () => boolean): OrderRequest {
  const problems = new InputProblems()
  const asked = readOrderRequest(input, problems)
  refuseIfAny(problems, byRulesOfToday)
  return { ...asked, requestId: asked.requestId ?? fallbackRequestId }
}

/** The same for whoever looks at more than the body. @param problems takes all that is wrong; what is returned is good only if nothing was */
export function readOrderRequest(input: unknown, problems: InputProblems): CreateOrderInput {
  const before = problems.count
  const asked = ORDER_REQUEST.read(input, '', problems)
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
