import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkflowHandle, WorkflowStartOptions } from '@temporalio/client'
import { type CreateOrderInput, createOrderWorkflowId, type WORKFLOW_TYPES } from '../../../contracts/create-order.ts'
import type { FailureType } from '../../../contracts/failures.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { searchAttributesOf } from '../../../contracts/search-attributes.ts'
import { type FakeShop, failing, once } from '../../support/fake-shop.ts'

/** Starts a run of a workflow type on the recorder's task queue. */
export type Start = (type: string, input?: unknown, options?: Partial<WorkflowStartOptions>) => Promise<WorkflowHandle>

/** One way a run can end, and how to make it end so. */
interface Outcome {
  /** Name of `contracts/create-order.ts`. */
  type: keyof typeof WORKFLOW_TYPES
  /** End of the run; a failure's type if it fails. */
  ends: 'completed' | 'cancelled' | FailureType
  /** Present if every batch has a head start, as in a process that hosts both the intake and the worker. */
  ahead?: true
  /** Starts the run that is recorded, and waits for nothing that its end needs. */
  run: (start: Start, shop: FakeShop) => Promise<WorkflowHandle>
}

const REQUEST = {
  userId: 7,
  requestId: 'recorded',
  address: '1 Test Street',
  name: 'Somebody',
  mobile: '0100',
  lines: [{ goodsId: 1, num: 2 }],
} satisfies CreateOrderInput
const ORDER_SN = orderSnOf(REQUEST)
const UNKNOWN = [{ goodsId: 2, num: 1 }]

/** Outcomes by the name of their file. Add to them when a workflow gets another way to go; what is recorded stays. */
export const OUTCOMES: Record<string, Outcome> = {
  confirmed: order('completed'),
  'confirmed-unnamed-request': order('completed', () => {}, { requestId: undefined }),
  'confirmed-by-starter': {
    type: 'createOrder',
    ends: 'completed',
    run: (start) => start('createOrder', REQUEST, { typedSearchAttributes: searchAttributesOf(ORDER_SN, REQUEST) }),
  },
  'confirmed-by-repeat': {
    type: 'createOrder',
    ends: 'completed',
    async run(start) {
      await (await start('createOrder', REQUEST)).result()
      return await start('createOrder', REQUEST)
    },
  },
  'confirmed-reply-lost': order('completed', (shop) => shop.after('confirmOrder', failing('ServiceRejected'))),
  'refused-invalid-input': order('InvalidInput', () => {}, { userId: 0, lines: [] }),
  'refused-at-opening': order('OrderInProgress', (shop) => shop.before('openOrder', failing('OrderInProgress'))),
  'refused-user-unknown': order('UserNotFound', (shop) => shop.before('getUser', failing('UserNotFound'))),
  'refused-at-pricing': order('GoodsNotFound', (shop) => {
    shop.goods = []
  }),
  'refused-at-another-price': order('PriceChanged', () => {}, { expectedTotal: { amount: 3_997, currency: 'CNY' } }),
  'confirmed-at-the-agreed-price': order('completed', () => {}, { expectedTotal: { amount: 3_998, currency: 'CNY' } }),
  'refused-out-of-stock': order('InsufficientStock', (shop) => shop.before('sell', failing('InsufficientStock'))),
  'refused-after-sell': order('ServiceRejected', (shop) => shop.before('confirmOrder', failing('ServiceRejected'))),
  'compensation-refused': order('CompensationFailed', (shop) =>
    shop.before('confirmOrder', failing('ServiceRejected')).before('reback', failing('ServiceRejected')),
  ),
  // As with an inventory without keys: nobody knows, and nothing more is sent.
  'sell-in-doubt': order('OrderInDoubt', (shop) => shop.after('sell', failing('OrderInDoubt'))),
  'reback-in-doubt': order('OrderInDoubt', (shop) =>
    shop.before('confirmOrder', failing('ServiceRejected')).after('reback', failing('OrderInDoubt')),
  ),
  'timed-out': order('OrderTimedOut', (shop) => shop.before('sell', failing('ServiceUnavailable'))),
  'cancelled-before-sell': cancelledDuring('openOrder'),
  'cancelled-during-sell': cancelledDuring('sell'),
  'lane-confirmed': batch([REQUEST, another(8), another(9)]),
  'lane-refused': batch(
    [
      another(6),
      REQUEST,
      another(8, { lines: [{ goodsId: 1, num: 101 }] }),
      another(9, { name: '' }),
      another(10, { lines: UNKNOWN }),
    ],
    (shop) => shop.before('getUser', once(failing('UserNotFound'))),
  ),
  // The two above, as they are since a head start answers by the first step for those behind it.
  'lane-confirmed-ahead': { ...batch([another(107), another(108)]), ahead: true },
  'lane-refused-ahead': {
    ...batch([another(117), another(118, { lines: [{ goodsId: 1, num: 101 }] }), another(119, { lines: UNKNOWN })]),
    ahead: true,
  },
  'lane-handed-over': batch([REQUEST, another(8), another(9, { lines: UNKNOWN })], async (shop) => {
    await shop.activities().openOrder(REQUEST) // by an attempt that may have sold
    shop.before('reback', once(failing('ServiceUnavailable')))
  }),
  // Of other users than above: what is handed over runs on, under an id made of user and request.
  'lane-step-failed': batch([another(17), another(18)], (shop) =>
    shop.before('batchGetGoods', once(failing('ServiceUnavailable'))),
  ),
  'lane-second-round': batch([another(37), another(38, { lines: UNKNOWN })], (shop) =>
    shop.before('batchGetGoods', once(failing('ServiceUnavailable'))),
  ),
  'lane-second-round-handed-over': batch([another(47), another(48)], (shop) =>
    shop.before('batchGetGoods', (attempt) => (attempt <= 2 ? failing('ServiceUnavailable')() : undefined)),
  ),
  // The three above, as they are since batches hand over by an activity.
  'lane-handed-over-by-activity': batch([another(57), another(58), another(59, { lines: UNKNOWN })], async (shop) => {
    await shop.activities().openOrder({ ...REQUEST, userId: 57 })
    shop.before('reback', once(failing('ServiceUnavailable')))
  }),
  'lane-second-round-handed-over-by-activity': batch([another(67), another(68)], (shop) =>
    shop.before('batchGetGoods', (attempt) => (attempt <= 2 ? failing('ServiceUnavailable')() : undefined)),
  ),
  'lane-cancelled-by-activity': {
    type: 'createOrders',
    ends: 'cancelled',
    run: (start, shop) => cancelAt('sell', shop, () => start('createOrders', [another(77), another(78)])),
  },
  'lane-refused-at-another-price': batch([
    another(97),
    another(98, { expectedTotal: { amount: 3_997, currency: 'CNY' } }),
    another(99, { expectedTotal: { amount: 3_998, currency: 'CNY' } }),
  ]),
  // As children, which no run starts that begins now: one of two has a run of its own already, which is open.
  'lane-handed-over-to-open-run': {
    type: 'createOrders',
    ends: 'completed',
    async run(start, shop) {
      const request = { ...REQUEST, userId: 87 }
      const { reached, release } = holdFirst('sell', shop)
      await start('createOrder', request, { workflowId: createOrderWorkflowId(orderSnOf(request)) })
      await reached
      const handle = await start('createOrders', [request, another(88)])
      void handle.result().then(release, release)
      return handle
    },
  },
  'lane-invalid-input': { type: 'createOrders', ends: 'InvalidInput', run: (start) => start('createOrders', []) },
  'lane-cancelled': {
    type: 'createOrders',
    ends: 'cancelled',
    run: (start, shop) => cancelAt('sell', shop, () => start('createOrders', [another(27), another(28)])),
  },
  'settle-closed': {
    type: 'settleOrder',
    ends: 'completed',
    async run(start, shop) {
      await shop.activities().openOrder(REQUEST)
      shop.takeStock(ORDER_SN, REQUEST.lines)
      return await start('settleOrder', ORDER_SN)
    },
  },
  'settle-confirmed': {
    type: 'settleOrder',
    ends: 'completed',
    async run(start) {
      await (await start('createOrder', REQUEST)).result()
      return await start('settleOrder', ORDER_SN)
    },
  },
  'deliver-events': { type: 'deliverEvents', ends: 'completed', run: (start) => start('deliverEvents') },
  'archive-orders': { type: 'archiveOrders', ends: 'completed', run: (start) => start('archiveOrders') },
  'close-due-nothing': { type: 'closeDueOrders', ends: 'completed', run: (start) => start('closeDueOrders') },
  'close-due-two': {
    type: 'closeDueOrders',
    ends: 'completed',
    async run(start, shop) {
      await confirmedAndDue(start, shop)
      return await start('closeDueOrders')
    },
  },
  // What is due is closed all the same; what an earlier run left, and this one closed, is left to the next one.
  'close-due-inventory-away': {
    type: 'closeDueOrders',
    ends: 'completed',
    async run(start, shop) {
      const [left = '', other = ''] = await confirmedAndDue(start, shop)
      shop.due.delete(other)
      await shop.activities().closeDue()
      shop.left.add(left)
      shop.due.add(other)
      shop.before('reback', failing('ServiceUnavailable'))
      return await start('closeDueOrders')
    },
  },
  'give-back': {
    type: 'giveBackOrders',
    ends: 'completed',
    async run(start, shop) {
      const orderSns = await confirmedAndDue(start, shop)
      await shop.activities().closeDue()
      return await start('giveBackOrders', orderSns)
    },
  },
  'give-back-invalid-input': {
    type: 'giveBackOrders',
    ends: 'InvalidInput',
    run: (start) => start('giveBackOrders', ['nothing']),
  },
  'reconcile-stock': { type: 'reconcileStock', ends: 'completed', run: (start) => start('reconcileStock') },
  'sweep-nothing': { type: 'sweepOrders', ends: 'completed', run: (start) => start('sweepOrders') },
  'sweep-one': {
    type: 'sweepOrders',
    ends: 'completed',
    async run(start, shop) {
      await shop.activities().openOrder(REQUEST)
      return await start('sweepOrders')
    },
  },
  // The one above, as it is since sweeps start by an activity.
  'sweep-one-by-activity': {
    type: 'sweepOrders',
    ends: 'completed',
    async run(start, shop) {
      await shop.activities().openOrder({ ...REQUEST, userId: 97 })
      return await start('sweepOrders')
    },
  },
}

function order(ends: Outcome['ends'], prepare: (shop: FakeShop) => unknown = () => {}, other: object = {}): Outcome {
  return {
    type: 'createOrder',
    ends,
    run(start, shop) {
      prepare(shop)
      return start('createOrder', { ...REQUEST, ...other })
    },
  }
}

function cancelledDuring(step: 'openOrder' | 'sell'): Outcome {
  return {
    type: 'createOrder',
    ends: 'cancelled',
    run: (start, shop) => cancelAt(step, shop, () => start('createOrder', REQUEST)),
  }
}

function batch(requests: CreateOrderInput[], prepare: (shop: FakeShop) => unknown = () => {}): Outcome {
  return {
    type: 'createOrders',
    ends: 'completed',
    async run(start, shop) {
      await prepare(shop)
      return await start('createOrders', requests)
    },
  }
}

async function cancelAt(step: 'openOrder' | 'sell', shop: FakeShop, start: () => Promise<WorkflowHandle>) {
  let reached: () => void = () => {}
  const underWay = new Promise<void>((resolve) => {
    reached = resolve
  })
  shop.before(step, async () => {
    reached()
    await sleep(500) // the cancellation reaches the run before the attempt is done
  })
  const handle = await start()
  await underWay
  await handle.cancel()
  return handle
}

/** The first attempt at a step waits until it is released. */
function holdFirst(step: 'sell', shop: FakeShop): { reached: Promise<void>; release: () => void } {
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const reached = new Promise<void>((resolve) => {
    shop.before(step, async (attempt) => {
      if (attempt > 1) return
      resolve()
      await released
    })
  })
  return { reached, release }
}

async function confirmedAndDue(start: Start, shop: FakeShop): Promise<string[]> {
  const requests = [another(97), another(98)]
  await (await start('createOrders', requests)).result()
  const orderSns = requests.map((request) => orderSnOf({ ...REQUEST, ...request }))
  for (const orderSn of orderSns) shop.due.add(orderSn)
  return orderSns
}

function another(userId: number, other: object = {}): CreateOrderInput {
  return { ...REQUEST, userId, ...other }
}
