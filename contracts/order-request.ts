import { failureOf } from './application-failure.ts'
import { doubledIn, Unreadable } from './as-received.ts'
import type { CreateOrderInput, OrderRequest } from './create-order.ts'
import { type FieldProblem, refusal } from './failures.ts'
import { isId } from './id.ts'
import {
  MAX_ADDRESS_LENGTH,
  MAX_ID,
  MAX_LINES,
  MAX_MOBILE_LENGTH,
  MAX_NAME_LENGTH,
  MAX_POST_LENGTH,
  MAX_QUANTITY,
  MAX_REQUEST_ID_LENGTH,
} from './limits.ts'
import { isQuantity, type Line, mergeLines } from './order.ts'

const FIELDS = new Set(['userId', 'address', 'name', 'mobile', 'post', 'requestId', 'lines'])

/** How many bad fields one answer names: enough to mend a form, not a way to make us write megabytes. */
const MAX_PROBLEMS = 20

/** What a person can see of a text: neither space nor mark, nor what is there for the layout alone; and no empty Braille cell. */
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u

/**
 * The checked form of what somebody sent, over HTTP or as the workflow's input. Optional fields that are null count as absent: some
 * languages send what is not there so.
 * @param fallbackRequestId names the request where the input does not
 * @param byRulesOfToday whether the rules count that came after orders were in flight; asked only about input that breaks one of
 * them. A run that began before is to go on as its history says
 * @throws ApplicationFailure InvalidInput, details.fields naming each bad field
 */
export function parseOrderRequest(
  input: unknown,
  fallbackRequestId: string,
  byRulesOfToday: () => boolean = () => true,
): OrderRequest {
  const problems: FieldProblem[] = []
  const problemsOfToday: FieldProblem[] = []
  const bad = (field: string, problem: string) => {
    problems.push({ field, problem })
  }
  const badToday = (field: string, problem: string) => {
    problemsOfToday.push({ field, problem })
  }
  if (input instanceof Unreadable) throw invalidInput([{ field: '', problem: input.problem }])
  if (!isRecord(input)) throw invalidInput([{ field: '', problem: 'must be a JSON object' }])
  const doubled = doubledIn(input)
  if (doubled !== undefined) badToday(printable(doubled), THERE_TWICE)
  for (const field of Object.keys(input)) {
    if (!FIELDS.has(field)) bad(printable(field), 'is not known')
  }

  if (!isId(input.userId)) bad('userId', `must be an integer from 1 to ${MAX_ID}`)
  checkText('address', input.address, MAX_ADDRESS_LENGTH)
  checkText('name', input.name, MAX_NAME_LENGTH)
  checkText('mobile', input.mobile, MAX_MOBILE_LENGTH)
  if (isThere(input.post)) checkText('post', input.post, MAX_POST_LENGTH, 0)
  if (isThere(input.requestId)) {
    if (!isRequestId(input.requestId)) bad('requestId', REQUEST_ID_IS)
    else if (input.requestId.trim() === '') badToday('requestId', REQUEST_ID_IS)
  }
  const lines = isThere(input.lines) ? checkLines(input.lines) : undefined
  const all = [...problems, ...problemsOfToday]
  if (problems.length > 0 || (all.length > 0 && byRulesOfToday())) throw invalidInput(all)

  const { userId, address, name, mobile, post, requestId } = input as unknown as CreateOrderInput
  return {
    userId,
    address,
    name,
    mobile,
    ...(isThere(post) && { post }),
    requestId: requestId ?? fallbackRequestId,
    ...(lines && { lines }),
  }

  function checkText(field: string, text: unknown, max: number, min = 1) {
    const long = typeof text === 'string' ? [...text].length : -1
    if (typeof text !== 'string' || long < min || long > max || (min > 0 && text.trim() === '')) {
      bad(field, `must be a text of ${min} to ${max} characters`)
    } else if (/\0/.test(text) || !text.isWellFormed()) {
      bad(field, 'must be well-formed Unicode without NUL')
    } else if (min > 0 && !VISIBLE.test(text)) {
      badToday(field, 'must have a character that can be seen')
    } else if (min > 0 ? /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) : /(?![\t\n\r])\p{Cc}/u.test(text)) {
      badToday(field, `must have no control characters${min > 0 ? ' or line breaks' : ' but tabs and line breaks'}`)
    }
  }

  function checkLines(sent: unknown): Line[] | undefined {
    if (!Array.isArray(sent) || sent.length === 0 || sent.length > MAX_LINES) {
      bad('lines', `must be a list of 1 to ${MAX_LINES} lines; leave it out to order the checked cart rows`)
      return undefined
    }
    const lines: Line[] = []
    for (const [i, line] of sent.entries() as ArrayIterator<[number, unknown]>) {
      if (!isRecord(line)) {
        bad(`lines[${i}]`, 'must be an object {goodsId, num}')
        continue
      }
      for (const field of Object.keys(line)) {
        if (field !== 'goodsId' && field !== 'num') bad(`lines[${i}].${printable(field)}`, 'is not known')
      }
      if (!isId(line.goodsId)) bad(`lines[${i}].goodsId`, `must be an integer from 1 to ${MAX_ID}`)
      if (!isQuantity(line.num)) bad(`lines[${i}].num`, `must be an integer from 1 to ${MAX_QUANTITY}`)
      lines.push({ goodsId: line.goodsId as number, num: line.num as number })
    }
    if (problems.length > 0) return undefined
    const merged = mergeLines(lines)
    for (const { goodsId, num } of merged) {
      if (num > MAX_QUANTITY) bad('lines', `must ask for at most ${MAX_QUANTITY} pieces of goods ${goodsId} in all, not ${num}`)
    }
    return merged
  }
}

/** What a member is said to be that is doubled. */
export const THERE_TWICE = 'is there twice: once is enough'

/** What an idempotency key has to be. */
export const REQUEST_ID_IS = `must be 1 to ${MAX_REQUEST_ID_LENGTH} printable ASCII characters, not spaces alone`

/** Whether an optional field was sent: null counts as absent. */
export function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** Whether it can be an idempotency key: printable ASCII, space included. */
export function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_REQUEST_ID_LENGTH && /^[\x20-\x7e]+$/.test(value)
}

/** The failure InvalidInput for these fields. */
export function invalidInput(problems: readonly FieldProblem[]) {
  const fields = problems.slice(0, MAX_PROBLEMS)
  const named = fields.map(({ field, problem }) => `${field || 'the body'} ${problem}`).join('; ')
  const more = problems.length > fields.length ? ` and ${problems.length - fields.length} more` : ''
  return failureOf(refusal('InvalidInput', `${named}${more}`, { fields }))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}

/** A field's name as somebody sent it, made fit to be repeated in a message. */
export function printable(field: string): string {
  return field.replace(/[^\x20-\x7e]/g, '?').slice(0, 64)
}
