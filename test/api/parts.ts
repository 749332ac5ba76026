import { pino } from 'pino'
import { Registry } from 'prom-client'
import { type AppDeps, createApp } from '../../api/app.ts'
import { RowlessOrders } from '../../api/rowless-orders.ts'
import type { CartItem } from '../../contracts/cart-item.ts'
import type { NamedRequest, OrderRequest } from '../../contracts/create-order.ts'
import { naturalKeyOf } from '../../contracts/natural-key.ts'
import type { Line } from '../../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import type { GoodsSnapshot } from '../../contracts/steps.ts'
import type { CartSnapshot, StoredCartItem } from '../../store/cart-store.ts'
import { BEGINNING } from '../../store/events/read-events.ts'
import type { StoredOrder } from '../../store/stored-order.ts'
import type { Run, RunOutcome } from '../../temporal/order-runs.ts'
import { holdToDocument } from './as-documented.ts'

export const REQUEST: NamedRequest = {
  userId: 7,
  address: 'Harbour Road 1',
  name: 'Ada',
  mobile: '13800000000',
  requestId: 'key-1',
  lines: [{ goodsId: 3, num: 2 }],
}
export const ORDER_SN = orderSnOf(REQUEST)
export const RESULT = {
  orderSn: ORDER_SN,
  status: 'PAYING' as const,
  total: { amount: 2_000, currency: 'CNY' },
  payDeadline: '2030-01-01T00:30:00.000Z',
  lines: [{ goodsId: 3, num: 2, name: 'Tea', image: 'tea.png', price: { amount: 1_000, currency: 'CNY' } }],
}
export const REFUSED = {
  type: 'InsufficientStock' as const,
  code: 10002,
  message: 'goods 3: 1 left',
  details: { goodsIds: [3], left: [{ goodsId: 3, left: 1 }] },
}

/** The row of REQUEST while it is being created. */
export function row(changes: Partial<StoredOrder> = {}): StoredOrder {
  return {
    orderSn: ORDER_SN,
    userId: REQUEST.userId,
    requestId: REQUEST.requestId,
    fingerprint: fingerprintOf(REQUEST),
    status: 'CREATING',
    stockState: 'selling',
    owed: changes.stockState === 'returning' ? ['inventory'] : [],
    keyed: true,
    workflowId: `create-order/${ORDER_SN}`,
    lines: [],
    createdAt: '2030-01-01T00:00:00.000Z',
    ...changes,
  }
}

export const CONFIRMED = row({ ...RESULT, stockState: 'sold' })
export const CLOSED = row({ status: 'TRADE_CLOSED', stockState: 'returned', refusal: REFUSED })
/** Closed, and its stock is owed. */
export const OWING = row({ status: 'TRADE_CLOSED', stockState: 'returning', refusal: REFUSED })

/** Parts of an app, each replaceable: a store without rows, a Temporal whose runs confirm at once, an empty cart. */
export function fakeParts(changes: Partial<AppDeps> = {}) {
  const started: OrderRequest[] = []
  const items = new Map<string, StoredCartItem>()
  const additions = new Map<string, Line>()
  const logged: string[] = []
  const parts: AppDeps = {
    orders: ordersThatSay(undefined),
    keyed: true,
    events: { readEvents: async () => ({ events: [], horizon: 1 }), newestPlace: async () => BEGINNING },
    cart: {
      list: async (userId) => [...items].flatMap(([key, item]) => (key.startsWith(`${userId}/`) ? [item] : [])),
      get: async (userId, goodsId) => items.get(`${userId}/${goodsId}`),
      async put(userId, line, goods) {
        const item = { id: items.size + 1, ...line, ...shownOf(goods) }
        items.set(`${userId}/${item.goodsId}`, item)
        return { kind: 'inCart', item }
      },
      async add(userId, { goodsId, num }, goods) {
        const item = {
          id: items.size + 1,
          goodsId,
          num: (items.get(`${userId}/${goodsId}`)?.num ?? 0) + num,
          checked: true,
          ...shownOf(goods),
        }
        items.set(`${userId}/${goodsId}`, item)
        return { kind: 'inCart', item }
      },
      async addOnce(userId, key, line, goods) {
        const before = await parts.cart.addedBefore(userId, key, line)
        if (!before) additions.set(`${userId}/${key}`, line)
        return before ?? (await parts.cart.add(userId, line, goods))
      },
      async addedBefore(userId, key, line) {
        const before = additions.get(`${userId}/${key}`)
        if (!before) return undefined
        if (before.goodsId !== line.goodsId || before.num !== line.num) return { kind: 'keyReused' }
        const item = items.get(`${userId}/${line.goodsId}`)
        return item ? { kind: 'inCart', item } : { kind: 'gone' }
      },
      async change(userId, goodsId, change) {
        const item = items.get(`${userId}/${goodsId}`)
        if (item) items.set(`${userId}/${goodsId}`, { ...item, ...change })
        return items.get(`${userId}/${goodsId}`)
      },
      remove: async (userId, goodsId) => items.delete(`${userId}/${goodsId}`),
    },
    goods: { batchGetGoods: async (ids) => ids.map(goodsOf) },
    runs: {
      async start(request) {
        started.push(request)
        return RUN
      },
      attach: () => ({ ...RUN, attached: true }),
      outcome: async () => ({ kind: 'created', result: RESULT }),
      progress: async () => ({ step: 'sell', undone: [] }),
    },
    rowless: new RowlessOrders(),
    temporal: { isUp: true },
    store: { isUp: true, latest: 0 },
    lists: { listOrders: async () => ({ orders: [] }) },
    life: {
      recordPayment: async () => ({ kind: 'absent' }),
      beginPayment: async () => ({ kind: 'absent' }),
      closeOrder: async () => ({ kind: 'absent' }),
      finishOrder: async () => ({ kind: 'absent' }),
      deleteOrder: async () => ({ kind: 'absent' }),
    },
    slips: { orderSlip: async () => undefined },
    recipientLog: { async logRecipientRead() {} },
    giveBack: { add() {} },
    maxUnsettled: 500,
    waitMs: 5_000,
    registry: new Registry(),
    log: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }),
    ...changes,
  }
  return { parts, started, logged }
}

/** The price of every goods. */
export const PRICE = { amount: 1_000, currency: 'CNY' }

/** Goods as the shop has them: all there are, and on sale. */
export function goodsOf(goodsId: number): GoodsSnapshot {
  return { goodsId, name: `goods ${goodsId}`, image: `${goodsId}.png`, onSale: true, price: PRICE }
}

function shownOf({ name, image, price }: Partial<CartSnapshot> = {}): Partial<CartItem> {
  return { ...(name && { name }), ...(image && { image }), ...(price && { price }) }
}

export const RUN: Run = { attached: false, handle: { result: async () => RESULT } }

/** Runs that are started, or attached to, and end like this. */
export function runsThat(outcome: RunOutcome, { attached = false } = {}): AppDeps['runs'] {
  const { runs } = fakeParts().parts
  return { ...runs, start: async () => ({ ...RUN, attached }), outcome: async () => outcome }
}

/** A store whose answers come one after the other; the last one stays. What it is to open it keeps as CREATING. */
export function ordersThatSay(...answers: (StoredOrder | undefined)[]): AppDeps['orders'] {
  return {
    isOf: (order, fingerprint) => order.fingerprint === fingerprint,
    naturalKeys: async (asked) => asked.map(({ fingerprint }) => naturalKeyOf({ fingerprint, revision: 1, spent: 0 })),
    getOrder: async () => (answers.length > 1 ? answers.shift() : answers[0]),
    openOrders: async (intents) =>
      intents.map(({ orderSn, fingerprint, userId, requestId, workflowId }) => ({
        order: row({ orderSn, fingerprint, userId, requestId, workflowId }),
        lines: [],
        inserted: true,
      })),
  }
}

export async function appOf(changes: Partial<AppDeps> = {}) {
  const { parts, started, logged } = fakeParts(changes)
  const { app, inner, listen, stop } = await createApp(parts)
  holdToDocument(app)
  return {
    app,
    inner,
    listen,
    stop,
    started,
    logged,
    post: async (body: unknown = REQUEST, headers: Record<string, string> = {}) =>
      await app.inject({ method: 'POST', url: '/orders', payload: body as object, headers }),
  }
}
