import { isDeepStrictEqual } from 'node:util'
import type { FailureType } from '../../../contracts/failures.ts'
import { linesText } from '../../../contracts/lines-text.ts'
import { type Line, type OrderStatus, STANDING_STATUSES } from '../../../contracts/order.ts'
import { answerName, isFinal } from '../../e2e/faults/place.ts'
import type { Asked, Told } from './asked.ts'
import type { Books, StoredRow } from './books.ts'
import type { OrderKind } from './planned-order.ts'

/** A promise that was broken. */
export interface Violation {
  promise:
    | 'stock equation'
    | 'store and ledger agree'
    | 'every order was asked for, once'
    | 'every answer is true'
    | 'same key, same answer'
    | 'everything comes to an end'
    | 'every payment is accepted once, or owed'
    | 'closed when due, not before'
    | 'events are what happened'
  /** Event, and the object that it happened to. */
  what: string
}

/** Orders that hold the stock they took. */
const LIVE: ReadonlySet<OrderStatus> = new Set(STANDING_STATUSES)

/** The refusal that an order of this kind meets by itself; `scarce` and `hot` goods may also be had. */
const REFUSED_AS: Partial<Record<OrderKind, FailureType>> = {
  hot: 'InsufficientStock',
  scarce: 'InsufficientStock',
  soldOut: 'InsufficientStock',
  offSale: 'GoodsOffSale',
  unknownGoods: 'GoodsNotFound',
  unknownUser: 'UserNotFound',
}
const CAN_BE_HAD: ReadonlySet<OrderKind> = new Set(['good', 'hot', 'cart', 'scarce'])
/** Failures that faults, other orders of the user, and operators who terminate runs may cause. */
const BY_FAULTS: readonly FailureType[] = ['OrderInProgress', 'OrderTimedOut', 'OrderClosed']

/**
 * Judges the books by themselves, when nothing is on its way.
 * @param initial pieces by goods id, before the first order
 * @param doubted lines of which nobody knows whether they are gone
 */
export function judgeBooks(books: Books, initial: ReadonlyMap<number, number>, doubted: readonly Line[] = []): Violation[] {
  const live = books.orders.filter(({ status }) => LIVE.has(status))
  return [
    ...judgeStock(books, live, initial, doubted),
    ...judgeLedger(books, live),
    ...books.orders
      .filter(({ status, stockState }) => status === 'CREATING' || !['none', 'sold', 'returned'].includes(stockState))
      .map(({ orderSn, status, stockState }) =>
        violation('everything comes to an end', `order ${orderSn} is ${status}, its stock ${stockState}`),
      ),
  ]
}

function judgeStock(
  { stock }: Books,
  live: readonly StoredRow[],
  initial: ReadonlyMap<number, number>,
  doubted: readonly Line[],
): Violation[] {
  const held = piecesOf(live.flatMap(({ lines }) => lines))
  const mayBeGone = piecesOf(doubted)
  return [...initial].flatMap(([goodsId, before]) => {
    const [left, sold] = [stock.get(goodsId) ?? 0, held.get(goodsId) ?? 0]
    const gap = before - left - sold
    if (gap >= 0 && gap <= (mayBeGone.get(goodsId) ?? 0)) return []
    const how = gap > 0 ? `${gap} leaked` : `${-gap} too many`
    return [violation('stock equation', `goods ${goodsId}: ${before} before, ${left} left, ${sold} in orders: ${how}`)]
  })
}

function piecesOf(lines: readonly Line[]): Map<number, number> {
  const pieces = new Map<number, number>()
  for (const { goodsId, num } of lines) pieces.set(goodsId, (pieces.get(goodsId) ?? 0) + num)
  return pieces
}

function judgeLedger({ sold }: Books, live: readonly StoredRow[]): Violation[] {
  if (!sold) return []
  const held = new Map(live.map(({ orderSn, lines }) => [orderSn, lines]))
  return [...new Set([...held.keys(), ...sold.keys()])].flatMap((orderSn) => {
    const [store, ledger] = [held.get(orderSn) ?? [], sold.get(orderSn) ?? []]
    if (isDeepStrictEqual(store, ledger)) return []
    return [violation('store and ledger agree', `order ${orderSn}: ${text(store)} in the store, ${text(ledger)} in the ledger`)]
  })
}

/** Judges whether every answer that customers got was true. */
export function judgeAnswers(asked: readonly Asked[], books: Books): Violation[] {
  const rows = new Map<string, StoredRow[]>()
  for (const row of books.orders) {
    const key = `${row.userId} ${row.requestId}`
    rows.set(key, [...(rows.get(key) ?? []), row])
  }
  const known = new Set(asked.map(({ orderSn }) => orderSn))
  const strangers = books.orders.filter(({ orderSn }) => !known.has(orderSn))
  return [
    ...strangers.map(({ orderSn }) => violation('every order was asked for, once', `nobody asked for order ${orderSn}`)),
    ...asked.flatMap((one) => judgeOne(one, rows.get(`${one.request.userId} ${one.request.requestId}`) ?? [], books)),
  ]
}

function judgeOne(asked: Asked, rows: readonly StoredRow[], books: Books): Violation[] {
  const { orderSn, kind, told, toldOthers } = asked
  const found: Violation[] = []
  const untrue = (what: string) => found.push(violation('every answer is true', `order ${orderSn} (${kind}) ${what}`))

  if (rows.length > 1) found.push(violation('every order was asked for, once', `order ${orderSn} exists ${rows.length} times`))
  for (const answer of [...told, ...toldOthers]) if (answer.kind === 'bad') untrue(`was answered ${answer.what}`)
  for (const answer of toldOthers.filter(isFinal)) {
    if (answerName(answer) !== 'IdempotencyKeyReused') untrue(`was answered ${answerName(answer)} for another body`)
  }
  const finals = told.filter(isFinal)
  const [first] = finals
  const other = finals.find((answer) => !isDeepStrictEqual(asFirst(answer), first && asFirst(first)))
  if (first && other) {
    found.push(
      violation('same key, same answer', `order ${orderSn} was answered ${answerName(first)}, then ${answerName(other)}`),
    )
  }
  if (!first) untrue(`has no final answer, but ${JSON.stringify(told.at(-1))}`)
  else if (first.kind === 'created') judgeCreated(asked, first, rows[0], untrue)
  else judgeRefused(asked, first.failure, rows[0], books.sold?.has(orderSn) ?? false, untrue)
  return found
}

function judgeCreated(
  { kind, lines }: Asked,
  { order }: Told & { kind: 'created' },
  row: StoredRow | undefined,
  untrue: (what: string) => void,
): void {
  const toldLines = order.lines.map(({ goodsId, num }) => ({ goodsId, num }))
  if (!CAN_BE_HAD.has(kind)) untrue('was created')
  if (!row?.isConfirmed || !(LIVE.has(row.status) || row.status === 'TRADE_CLOSED'))
    untrue(`was created, but it is ${row?.status ?? 'not there'}`)
  if (row && !isDeepStrictEqual(row.lines, toldLines)) untrue(`was told with ${text(toldLines)}, and holds ${text(row.lines)}`)
  if (!isDeepStrictEqual(toldLines, lines)) untrue(`was to have ${text(lines)}, and was created with ${text(toldLines)}`)
}

function judgeRefused(
  { kind, cut }: Asked,
  failure: FailureType,
  row: StoredRow | undefined,
  isSold: boolean,
  untrue: (what: string) => void,
): void {
  if (row?.isConfirmed) untrue(`was refused (${failure}), but it stands: ${row.status}`)
  if (isSold) untrue(`was refused (${failure}), but its stock is taken`)
  if (row && row.refusalType !== failure) untrue(`was refused for ${failure}, but the store says ${row.refusalType}`)
  const mayBe = [...BY_FAULTS, REFUSED_AS[kind], ...(cut ? ['OrderCancelled'] : [])]
  if (!mayBe.includes(failure)) untrue(`was refused: ${failure}`)
}

/** The answer without the status of its order, which goes on while the order lives. */
function asFirst(answer: Told): unknown {
  return answer.kind === 'created' ? { ...answer.order, status: undefined } : answer
}

function text(lines: readonly Line[]): string {
  return linesText(lines) || 'nothing'
}

function violation(promise: Violation['promise'], what: string): Violation {
  return { promise, what }
}
