import { anyInteger, anyText, FLAG, ID, REQUEST_ID } from '../contracts/kinds.ts'
import { listOfAtMost, optional, type Schema } from '../contracts/schema.ts'
import { archiveOrders } from './archive-orders.ts'
import { cancelOrder } from './cancel-order.ts'
import { eraseRecipients } from './erase-recipients.ts'
import { dropEvent, eventsText, listEvents, sendEventsAgain, UNDELIVERED_CURSOR, UNDELIVERED_EVENTS } from './events.ts'
import { findOrder } from './find-order.ts'
import { keepOrder } from './keep-order.ts'
import { listOrders, listText, TROUBLED_CURSOR, TROUBLED_ORDERS } from './list-orders.ts'
import { pageFields } from './page.ts'
import { proposedText } from './proposed-text.ts'
import { reconcileOrders, takeBaseline } from './reconcile-orders.ts'
import { RECONCILED, RESOLVED_PROPOSED, TAKEN_BASELINE } from './reconciled.ts'
import { reconciledText } from './reconciled-text.ts'
import { listRefunds, markRefunded, OWED_REFUNDS, REFUND_CURSOR, refundsText } from './refunds.ts'
import { resolveAnswered } from './resolve-answered.ts'
import { resolveOrder } from './resolve-order.ts'
import { resolveProposed } from './resolve-proposed.ts'
import { retryOrder } from './retry-order.ts'
import { rewrapKeys } from './rewrap-keys.ts'
import { sagaPicture } from './saga-picture.ts'
import { sealRows } from './seal-rows.ts'
import { showOrder } from './show-order.ts'
import { SHOWN_ORDER } from './shown-order.ts'
import { type Outcome, verb } from './verb.ts'

/** Rows of one page. Of troubled orders fewer, since Temporal is asked about each. */
const MAX_LISTED = 1_000
const MAX_ASKED_ABOUT = 200

/** Goods in one baseline. */
const MAX_BASELINE = 100_000

/** Decisions of an operator about one order. */
const VERDICTS = ['sold', 'notSold', 'keep', 'asAnswered', 'close'] as const
export type Verdict = (typeof VERDICTS)[number]

// Whatever is typed: a row of a number that is none is to be looked at, too.
const ORDER_SN = anyText({ description: 'The number of the order.' })
const EVENT = anyText({ description: 'The event, as ORDER/SEQ.' })

const VERDICT: Schema<Verdict> = {
  json: {
    type: 'string',
    description:
      'sold, notSold: what was found out about the stock of an order in doubt; keep: it was sold, and the order goes on; asAnswered, close: of one that was answered as confirmed.',
    examples: VERDICTS,
  },
  read(value, path, found) {
    if (!(VERDICTS as readonly unknown[]).includes(value)) found.add(path, `must be one of ${VERDICTS.join(', ')}`)
    return value as Verdict
  },
}

/** Verbs that need the keys of recipients, or delete them, have no path: a starter's account of the database may not. */
const HERE = { method: 'POST', path: undefined } as const

/** Every verb of operators. A new one is an entry here, and a command in program.ts. */
export const VERBS = {
  list: verb({
    name: 'listTroubledOrders',
    method: 'GET',
    path: '/operator/orders',
    fields: pageFields(TROUBLED_CURSOR, MAX_ASKED_ABOUT),
    data: TROUBLED_ORDERS,
    summary:
      'List orders that are stuck, in doubt or being compensated, page by page: those in doubt first, the longest idle first',
    run: async (deps, page) => found(await listOrders(deps, page), listText),
  }),
  find: verb({
    name: 'findOrder',
    // No question in an address, which is kept in many logs: a key may be an e-mail address.
    method: 'POST',
    path: '/operator/find',
    fields: { userId: ID, key: REQUEST_ID },
    summary: 'Find the number of the order that a user placed under an idempotency key',
    run: async (deps, { userId, key }) => done(await findOrder(deps, { userId, requestId: key })),
  }),
  show: verb({
    name: 'showOrder',
    method: 'GET',
    path: '/operator/orders/:orderSn',
    fields: { orderSn: ORDER_SN },
    data: SHOWN_ORDER,
    summary: 'Show the saga of one order: steps, attempts, undo, stock and money, runs, audit trail',
    run: async (deps, { orderSn }) => found(await showOrder(deps, orderSn), sagaPicture),
  }),
  retry: verb({
    name: 'retryOrder',
    method: 'POST',
    path: '/operator/orders/:orderSn/retry',
    fields: { orderSn: ORDER_SN },
    summary: 'Make the next attempt now: of its run, or of one that settles it',
    run: async (deps, { orderSn }, operator) => done(await retryOrder(deps, orderSn, operator)),
  }),
  cancel: verb({
    name: 'cancelAsOperator',
    method: 'POST',
    path: '/operator/orders/:orderSn/cancel',
    fields: { orderSn: ORDER_SN },
    summary: 'Cancel an order that is not paid: what it holds is given back',
    run: async (deps, { orderSn }, operator) => done(await cancelOrder(deps, orderSn, operator)),
  }),
  resolve: verb({
    name: 'resolveOrder',
    method: 'POST',
    path: '/operator/orders/:orderSn/resolve',
    fields: { orderSn: ORDER_SN, verdict: VERDICT },
    summary: 'Settle an order in doubt, or one that a run calls confirmed and the store does not',
    async run(deps, { orderSn, verdict }, operator) {
      if (verdict === 'keep') return done(await keepOrder(deps, orderSn, operator))
      if (verdict === 'asAnswered' || verdict === 'close') return done(await resolveAnswered(deps, orderSn, verdict, operator))
      return done(await resolveOrder(deps, orderSn, verdict, operator))
    },
  }),
  proposals: verb({
    name: 'proposeVerdicts',
    method: 'GET',
    path: '/operator/doubts',
    fields: { orderSn: optional(ORDER_SN) },
    data: RESOLVED_PROPOSED,
    summary: 'Show what the stock says of the orders in doubt, or of one, and why',
    run: async (deps, { orderSn }, operator) => await verdicts(deps, { apply: false, orderSn }, operator),
  }),
  applyProposals: verb({
    name: 'applyVerdicts',
    method: 'POST',
    path: '/operator/doubts',
    fields: { orderSn: optional(ORDER_SN) },
    data: RESOLVED_PROPOSED,
    summary: 'Settle the orders in doubt, or one, as the stock says',
    run: async (deps, { orderSn }, operator) => await verdicts(deps, { apply: true, orderSn }, operator),
  }),
  refunds: verb({
    name: 'listRefunds',
    method: 'GET',
    path: '/operator/refunds',
    fields: pageFields(REFUND_CURSOR, MAX_LISTED),
    data: OWED_REFUNDS,
    summary: 'List payments that are to be given back, and why, page by page: the longest owed first',
    run: async (deps, page) => found(await listRefunds(deps, page), refundsText),
  }),
  refunded: verb({
    name: 'recordRefund',
    method: 'POST',
    path: '/operator/refunds',
    fields: { payment: anyText({ description: 'The payment, as provider/paymentId.' }) },
    summary: 'Record that a payment was given back',
    run: async (deps, { payment }, operator) => done(await markRefunded(deps, payment, operator)),
  }),
  events: verb({
    name: 'listUndelivered',
    method: 'GET',
    path: '/operator/events',
    fields: pageFields(UNDELIVERED_CURSOR, MAX_LISTED),
    data: UNDELIVERED_EVENTS,
    summary:
      'List events that the webhook does not have, page by page: those that were given up, then those that wait to be tried again',
    run: async (deps, page) => found(await listEvents(deps, page), eventsText),
  }),
  sendAgain: verb({
    name: 'sendEventsAgain',
    method: 'POST',
    path: '/operator/events/again',
    fields: { event: optional(EVENT) },
    summary: 'Send an event again, or all that were given up',
    run: async (deps, { event = 'given up' }, operator) => done(await sendEventsAgain(deps, event, operator)),
  }),
  drop: verb({
    name: 'dropEvent',
    method: 'POST',
    path: '/operator/events/drop',
    fields: { event: EVENT },
    summary: 'Give up for good to deliver an event',
    run: async (deps, { event }, operator) => done(await dropEvent(deps, event, operator)),
  }),
  reconcile: verb({
    name: 'reconcile',
    method: 'GET',
    path: '/operator/reconciliation',
    fields: {},
    data: RECONCILED,
    summary: 'Compare every order with the inventory, and name what is wrong',
    run: async (deps, _, operator) =>
      await reconciled(deps, { apply: false, returnUnknown: false, returnAnswered: false }, operator),
  }),
  repair: verb({
    name: 'repair',
    method: 'POST',
    path: '/operator/reconciliation',
    fields: {
      returnUnknown: optional(FLAG, { description: 'Gives back sales without an order, too.' }),
      returnAnswered: optional(FLAG, { description: 'The same of those that a run called confirmed.' }),
    },
    data: RECONCILED,
    summary: 'Carry out the repairs that the comparison proposes, then compare again',
    run: async (deps, { returnUnknown = false, returnAnswered = false }, operator) =>
      await reconciled(deps, { apply: true, returnUnknown, returnAnswered }, operator),
  }),
  erase: verb({
    ...HERE,
    name: 'eraseRecipients',
    fields: { userId: ID, paidToo: FLAG },
    summary: "Erase who a user's orders went to, for good",
    run: async (deps, { userId, paidToo }, operator) => done(await eraseRecipients(deps, userId, { ...operator, paidToo })),
  }),
  archive: verb({
    // Nor has one that goes on for longer than a caller waits.
    ...HERE,
    name: 'archiveOrders',
    fields: { olderThanDays: anyInteger(), share: anyInteger() },
    summary: 'Move orders that are over, and have not changed for so many days, into the archive',
    run: async (deps, given) => done(await archiveOrders(deps, given)),
  }),
  seal: verb({
    ...HERE,
    name: 'sealRows',
    fields: {},
    summary: 'Seal the recipients that stand in clear',
    run: async (deps) => done(await sealRows(deps)),
  }),
  rewrap: verb({
    ...HERE,
    name: 'rewrapKeys',
    fields: {},
    summary: 'Wrap the keys of recipients by the first key of RECIPIENT_KEYS_FILE',
    run: async (deps) => done(await rewrapKeys(deps)),
  }),
  baseline: verb({
    name: 'takeBaseline',
    method: 'POST',
    path: '/operator/baseline',
    fields: {
      goods: optional(listOfAtMost(MAX_BASELINE, ID, `must be a list of 1 to ${MAX_BASELINE} goods that were never ordered`)),
    },
    data: TAKEN_BASELINE,
    summary: 'Vouch for stock and orders as they are now',
    async run(deps, { goods = [] }) {
      const data = await takeBaseline(deps, goods)
      const left = data.moving.length > 0 ? `; orders are moving goods ${data.moving.join(', ')}: try these again` : ''
      return { text: `the baseline of ${data.taken.length} goods was taken${left}`, data, well: data.moving.length === 0 }
    },
  }),
}

async function verdicts(...args: Parameters<typeof resolveProposed>) {
  const data = await resolveProposed(...args)
  const well = data.undecided.length === 0 && data.verdicts.every(({ done }) => done)
  return { text: proposedText(data), data, well }
}

async function reconciled(...args: Parameters<typeof reconcileOrders>) {
  const data = await reconcileOrders(...args)
  return { text: reconciledText(data), data, well: data.explained }
}

/** Shows what was found, in words and for machines. */
function found<Data>(data: Data, textOf: (data: Data) => string) {
  return { text: textOf(data), data, well: true }
}

function done(text: string): Outcome<never> {
  return { text, well: true }
}
