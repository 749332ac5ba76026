import type { Activities } from '../../contracts/activities.ts'
import { failureOf } from '../../contracts/application-failure.ts'
import type { CreateOrderResult } from '../../contracts/create-order.ts'
import { type Failure, type FailureType, failure } from '../../contracts/failures.ts'
import type { Line, OrderStatus, StockState } from '../../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import type { VoidOrder } from '../../contracts/steps.ts'

export type Step = 'openOrder' | 'getUser' | 'batchGetGoods' | 'sell' | 'confirmOrder' | 'voidOrder' | 'reback'

/** Activities that createOrder and settleOrder use; the express lane's steps have a fake of their own. */
type SagaActivities = Pick<Activities, Step | 'findAbandonedOrders' | 'closeDue' | 'findReturning'>

interface Row {
  status: OrderStatus
  stockState: StockState
  fingerprint: string
  lines: Line[]
  result?: CreateOrderResult
  refusal?: Failure
}

/** Called around a step's effect with the number of the attempt, from 1; what it throws is the attempt's failure. */
type Around = (attempt: number) => void | Promise<void>

const STOCK = 100

/**
 * The parties of the saga as plain functions over memory, with the rules of the real ones (store/, services/inventory): for
 * unit tests of the workflows. Faults go in before or after a step's effect.
 */
export class FakeShop {
  readonly rows = new Map<string, Row>()
  readonly ledger = new Map<string, 'SOLD' | 'RETURNED'>()
  stock = STOCK
  /** Numbers of orders whose payment is overdue, and of those that an earlier run closed and left. */
  readonly due = new Set<string>()
  readonly left = new Set<string>()
  /** Every attempt of every step, in the order of their beginnings. */
  readonly calls: Step[] = []
  readonly #before = new Map<Step, Around>()
  readonly #after = new Map<Step, Around>()
  readonly #attempts = new Map<Step, number>()
  goods = [{ goodsId: 1, name: 'Tea', image: '/tea.png', onSale: true, price: { amount: 1999, currency: 'CNY' } }] as Awaited<
    ReturnType<Activities['batchGetGoods']>
  >

  before(step: Step, around: Around): this {
    this.#before.set(step, around)
    return this
  }

  after(step: Step, around: Around): this {
    this.#after.set(step, around)
    return this
  }

  /** Pieces sold to orders that stand. */
  get confirmed(): number {
    return [...this.rows.values()].filter(({ status }) => status === 'PAYING').reduce((sum, { lines }) => sum + pieces(lines), 0)
  }

  /** Returns what is wrong with the shop once everything is quiet; empty is right. */
  violations(): string[] {
    const wrong: string[] = []
    if (this.stock + this.confirmed !== STOCK) wrong.push(`stock ${this.stock} + confirmed ${this.confirmed} is not ${STOCK}`)
    for (const [orderSn, { status, stockState }] of this.rows) {
      const ledger = this.ledger.get(orderSn)
      if (status === 'CREATING') wrong.push(`${orderSn} is still CREATING`)
      if (status === 'PAYING' && ledger !== 'SOLD') wrong.push(`${orderSn} is PAYING but the ledger says ${ledger}`)
      if (status === 'TRADE_CLOSED' && ledger === 'SOLD') wrong.push(`${orderSn} is closed but its stock is sold`)
      if (stockState === 'returning') wrong.push(`${orderSn} still owes a Reback`)
    }
    return wrong
  }

  /** Sell as the inventory takes it, also when it arrives late. */
  takeStock(orderSn: string, lines: Line[]): void {
    if (this.ledger.get(orderSn) === 'RETURNED') throw failureOf(failure('OrderClosed', 'sold after its Reback'))
    if (this.ledger.has(orderSn)) return
    if (pieces(lines) > this.stock) throw failureOf(failure('InsufficientStock', 'out of stock'))
    this.stock -= pieces(lines)
    this.ledger.set(orderSn, 'SOLD')
  }

  /** Confirm as the store takes it, also when it arrives late. */
  confirm({ orderSn, lines }: Parameters<Activities['confirmOrder']>[0]): CreateOrderResult {
    const row = this.rows.get(orderSn)
    if (row?.status === 'CREATING') {
      row.status = 'PAYING'
      row.stockState = 'sold'
      const amount = lines.reduce((sum, { price, num }) => sum + price.amount * num, 0)
      row.result = {
        orderSn,
        status: 'PAYING',
        total: { amount, currency: 'CNY' },
        payDeadline: '2026-01-01T00:30:00.000Z',
        lines,
      }
    }
    if (!row?.result) throw failureOf(failure('OrderClosed', 'closed'))
    return row.result
  }

  activities(): SagaActivities {
    const around = <Arg, Result>(step: Step, effect: (arg: Arg) => Result) => {
      return async (arg: Arg): Promise<Awaited<Result>> => {
        this.calls.push(step)
        const attempt = (this.#attempts.get(step) ?? 0) + 1
        this.#attempts.set(step, attempt)
        await this.#before.get(step)?.(attempt)
        const result = await effect(arg)
        await this.#after.get(step)?.(attempt)
        return result
      }
    }
    return {
      openOrder: around('openOrder', (request: Parameters<Activities['openOrder']>[0]) => {
        const orderSn = orderSnOf(request)
        const fingerprint = fingerprintOf(request)
        const known = this.rows.get(orderSn)
        if (known && known.fingerprint !== fingerprint) throw failureOf(failure('IdempotencyKeyReused', 'reused'))
        if (known?.result) return { state: 'confirmed' as const, order: known.result }
        if (known?.refusal) throw failureOf(known.refusal)
        const row: Row = known ?? {
          status: 'CREATING',
          stockState: 'selling',
          fingerprint,
          lines: request.lines ?? [],
        }
        this.rows.set(orderSn, row)
        return { state: 'open' as const, orderSn, lines: row.lines, inserted: !known }
      }),
      getUser: around('getUser', (_userId: number) => {}),
      batchGetGoods: around('batchGetGoods', (ids: number[]) => this.goods.filter(({ goodsId }) => ids.includes(goodsId))),
      sell: around('sell', ({ orderSn, lines }: { orderSn: string; lines: Line[] }) => this.takeStock(orderSn, lines)),
      confirmOrder: around('confirmOrder', (confirmation: Parameters<Activities['confirmOrder']>[0]) =>
        this.confirm(confirmation),
      ),
      voidOrder: around('voidOrder', (order: VoidOrder) => this.#void(order)),
      reback: around('reback', ({ orderSn }: { orderSn: string; lines: Line[] }) => {
        const row = this.rows.get(orderSn)
        if (this.ledger.get(orderSn) === 'SOLD') this.stock += pieces(row?.lines ?? [])
        this.ledger.set(orderSn, 'RETURNED')
        if (row?.stockState === 'returning') row.stockState = 'returned'
      }),
      findAbandonedOrders: async () =>
        [...this.rows].filter(([, { status }]) => status === 'CREATING').map(([orderSn]) => orderSn),
      closeDue: async () =>
        [...this.due].filter((orderSn) => {
          const row = this.rows.get(orderSn)
          if (row?.status !== 'PAYING') return false
          Object.assign(row, { status: 'TRADE_CLOSED', stockState: 'returning' })
          return true
        }),
      findReturning: async () => [...this.left].filter((orderSn) => this.rows.get(orderSn)?.stockState === 'returning'),
    }
  }

  #void(order: VoidOrder): Awaited<ReturnType<Activities['voidOrder']>> {
    const orderSn = 'request' in order ? orderSnOf(order.request) : order.orderSn
    const fingerprint = 'request' in order ? fingerprintOf(order.request) : undefined
    const row = this.rows.get(orderSn)
    if (!row) {
      if (fingerprint) {
        this.rows.set(orderSn, {
          status: 'TRADE_CLOSED',
          stockState: 'returning',
          fingerprint,
          lines: [],
          refusal: order.refusal,
        })
      }
      return { orderSn, outcome: 'ABSENT', refusal: order.refusal, rebackOwed: true, lines: [] }
    }
    if (fingerprint && row.fingerprint !== fingerprint) return { orderSn, outcome: 'FOREIGN', rebackOwed: false, lines: [] }
    if (row.result) {
      const rebackOwed = row.stockState === 'returning'
      return { orderSn, outcome: 'CONFIRMED', order: row.result, rebackOwed, lines: rebackOwed ? row.lines : [] }
    }
    if (row.status === 'CREATING' && order.refusal.type === 'OrderInDoubt') {
      Object.assign(row, { status: 'IN_DOUBT', stockState: 'in_doubt', refusal: order.refusal })
      return { orderSn, outcome: 'DOUBTED_NOW', refusal: order.refusal, rebackOwed: false, lines: row.lines }
    }
    const outcome = row.status === 'CREATING' ? 'CLOSED_NOW' : 'ALREADY_CLOSED'
    if (outcome === 'CLOSED_NOW') {
      row.status = 'TRADE_CLOSED'
      row.stockState = 'returning'
      row.refusal = order.refusal
    }
    return {
      orderSn,
      outcome,
      rebackOwed: row.stockState === 'returning',
      lines: row.lines,
      ...(row.refusal && { refusal: row.refusal }),
    }
  }
}

/** A failure as an activity raises it. */
export function failing(type: FailureType): () => never {
  return () => {
    throw failureOf(failure(type, `injected ${type}`))
  }
}

/** Acts on the first attempt only. */
export function once(around: Around): Around {
  return (attempt) => (attempt === 1 ? around(attempt) : undefined)
}

function pieces(lines: readonly Line[]): number {
  return lines.reduce((sum, { num }) => sum + num, 0)
}
