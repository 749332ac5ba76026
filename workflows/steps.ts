import { ActivityCancellationType, proxyActivities, type RetryPolicy } from '@temporalio/workflow'
import type { Activities, ReconciliationActivities } from '../contracts/activities.ts'

/**
 * The first pause is 100 ms, and each is twice the one before (docs/origin.md). The cap lets work resume within 2 s of a service's return. No attempt limit: the
 * order's budget ends the doing, nothing ends the undoing.
 */
const retry: RetryPolicy = { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '1s' }
/**
 * Of the undoing. In a long outage the orders that wait to be undone become ever more, and with a cap of 1 s their attempts alone
 * were more than the Temporal server could do (docs/outages.md). Below the 30 s within which open orders are to be settled.
 */
const patient: RetryPolicy = { ...retry, maximumInterval: '10s' }

/**
 * One attempt of each party. Above the client's deadline (clients/deadlines.ts: Goods 5 s, Inventory 3 s, User 2 s; the store:
 * connecting 2 s, statements 2.5 s), so that the party's own answer is what we hear; and short, because it is also how
 * long an attempt is missed whose worker died.
 */
const GOODS = { startToCloseTimeout: '6s', retry }
const INVENTORY = { startToCloseTimeout: '5s', retry }
const USER = { startToCloseTimeout: '3s', retry }
const STORE = { startToCloseTimeout: '6s', retry }

/**
 * An effect that was begun is waited for even when the run is cancelled: else its undo could overtake it. The SDK's
 * default is TRY_CANCEL, which does not wait.
 */
const effect = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED }

export const { openOrder } = proxyActivities<Activities>({
  ...STORE,
  ...effect,
  summary: 'Record the intent: idempotency check, lock of the user, lines to order',
})

export const { getUser } = proxyActivities<Activities>({ ...USER, summary: 'Does the user exist' })

export const { batchGetGoods } = proxyActivities<Activities>({ ...GOODS, summary: 'Name, image, price of all goods' })

export const { sell } = proxyActivities<Activities>({
  ...INVENTORY,
  ...effect,
  summary: 'Take all lines out of the stock, once per order number',
})

export const { confirmOrder } = proxyActivities<Activities>({
  ...STORE,
  ...effect,
  summary: 'Pivot: CREATING becomes PAYING, lines inserted, cart reduced',
})

export const { voidOrder } = proxyActivities<Activities>({
  ...STORE,
  retry: patient,
  ...effect,
  summary: 'Compensation 1: close the order unless it is confirmed',
})

export const { reback } = proxyActivities<Activities>({
  // The Reback, then one statement that records it.
  ...INVENTORY,
  startToCloseTimeout: '8s',
  retry: patient,
  ...effect,
  summary: 'Compensation 2: give the stock back, once per order number',
})

export const { findAbandonedOrders } = proxyActivities<Activities>({
  ...STORE,
  startToCloseTimeout: '10s',
  retry: patient,
  summary: 'Unsettled orders that no open run owns',
})

export const { compareWithInventory } = proxyActivities<ReconciliationActivities>({
  // The next one of the Schedule is as good as a fourth attempt.
  startToCloseTimeout: '10m',
  heartbeatTimeout: '2m',
  retry: { ...retry, maximumAttempts: 3 },
  summary: 'Every order against the stock and the sales of the inventory',
})
