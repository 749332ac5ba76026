import { inFile } from '../mutation.ts'

const STORE = 'test/store/order-store.test.ts'
const CART = 'test/store/cart-limits.test.ts'
const LOCKS = 'test/store/locks.test.ts'
const UNKEYED = 'test/store/unkeyed-stock.test.ts'
const ANOTHER_BODY = 'test/activities/another-body.test.ts'
const JUDGED = 'test/activities/judged-effects.test.ts'
const UNKEYED_STEPS = 'test/activities/unkeyed-inventory.test.ts'

/** The three statements by which an order changes its state, each for many orders at once. */
export const TRANSITION_SAFEGUARDS = [
  ...inFile(
    'store/confirm-orders.ts',
    [JUDGED, UNKEYED_STEPS],
    [
      {
        find: ' and o.keyed = coalesce(r.keyed, o.keyed)',
        replace: '',
        breaks: 'a worker of one mode confirms an order of the other one',
      },
      { find: ' and o.lines = r.lines', replace: '', breaks: 'an order is confirmed with other goods than it asked for' },
      {
        find: " and (o.keyed or o.stock_state = 'sold')",
        replace: '',
        breaks: 'an unkeyed order is confirmed whose Sell was never answered',
      },
    ],
  ),
  ...inFile(
    'store/void-orders.ts',
    [JUDGED, UNKEYED_STEPS],
    [
      {
        find: ' and o.keyed = coalesce(r.keyed, o.keyed)',
        replace: '',
        breaks: 'a worker of one mode closes an order of the other one',
      },
    ],
  ),
  ...inFile(
    'store/open-orders.ts',
    [LOCKS],
    [
      {
        find: 'order by c.user_id, c.goods_id for update of c',
        replace: 'order by c.user_id, c.goods_id',
        breaks: 'a cart is ordered twice, once as it was before a confirmation at the same time',
      },
      {
        find: 'order by c.user_id, c.goods_id for update',
        replace: 'for update',
        breaks: 'openings and confirmations deadlock over carts',
      },
      { find: 'from fresh r order by r.order_sn', replace: 'from fresh r', breaks: 'two batches of the same orders deadlock' },
    ],
  ),
  ...inFile(
    'store/open-orders.ts',
    [STORE, CART],
    [
      {
        find: 'c.checked and c.user_id in',
        replace: 'c.user_id in',
        breaks: 'goods that are not checked are ordered',
      },
      {
        find: 'from intent i where jsonb_array_length(i.lines) <= ',
        replace: 'from intent i where jsonb_array_length(i.lines) <= 1000 * ',
        breaks: 'a cart of more goods than one payload may hold becomes an order that stands still',
      },
      {
        find: "return row.status === 'CREATING' ? soundLines(row.lines) : []",
        replace: 'return soundLines(row.lines)',
        breaks: 'the lines of a closed order are handed out to be sold',
      },
    ],
  ),
  ...inFile(
    'store/confirm-orders.ts',
    [LOCKS],
    [
      {
        find: 'order by c.user_id, c.goods_id for update of c',
        replace: 'order by c.user_id, c.goods_id',
        breaks: 'what a user changes in the cart at that moment is overwritten',
      },
      {
        find: 'order by c.user_id, c.goods_id for update',
        replace: 'for update',
        breaks: 'two confirmations deadlock over one cart',
      },
      {
        find: 'where (select count(*) from cart) >= 0 -- carts',
        replace: '-- carts',
        breaks: 'confirmations and openings deadlock over order and cart',
      },
      {
        find: '        order by r.order_sn\n',
        replace: '',
        breaks: 'two batches of the same orders deadlock',
      },
      {
        find: 'offset 0 for update) o',
        replace: 'offset 0) o',
        breaks: 'the row is not looked at again when the rival that voids it is done',
      },
    ],
  ),
  ...inFile(
    'store/confirm-orders.ts',
    [STORE, LOCKS],
    [
      {
        find: "where o.status = 'CREATING' and o.keyed",
        replace: 'where o.keyed',
        breaks: 'an order that was voided, and its stock given back, is confirmed',
      },
      { find: 'o.from_cart and ', replace: '', breaks: 'an order that names its lines empties the cart' },
      { find: 'set num = k.held - k.ordered', replace: 'set num = k.held', breaks: 'what was ordered stays in the cart' },
      { find: ' and k.held <= k.ordered', replace: ' and false', breaks: 'what was ordered stays in the cart' },
      { find: ' and k.held <= k.ordered', replace: '', breaks: 'what was put into the cart meanwhile is lost' },
    ],
  ),
  ...inFile(
    'store/void-orders.ts',
    [STORE, LOCKS, ANOTHER_BODY],
    [
      {
        find: ' and (r.fingerprint is null or r.fingerprints ? o.fingerprint)',
        replace: '',
        breaks: "another body's failure closes the order of this key",
      },
      {
        find: "where o.status = 'CREATING' and o.keyed",
        replace: 'where o.keyed',
        breaks: 'an order that is confirmed is closed, and its stock given back',
      },
      {
        find: 'order by o.order_sn for update of o',
        replace: 'for update of o',
        breaks: 'two batches of the same orders deadlock',
      },
      {
        find: 'order by o.order_sn for update of o',
        replace: 'order by o.order_sn',
        breaks: 'the row is not looked at again when the rival that confirms it is done',
      },
      { find: '      order by r.order_sn\n', replace: '', breaks: 'two batches of the same orders deadlock' },
      {
        find: "if (isConfirmed(order)) return 'CONFIRMED'",
        replace: "if (order.status === 'PAYING') return 'CONFIRMED'",
        breaks: 'callers are told refused of an order that was paid meanwhile, too large for the answer of its batch',
      },
      {
        find: 'if (request && !fingerprints.isOf(order.fingerprint, request.fingerprint)) return',
        replace: 'if (request && false) return',
        breaks: "another body is told of this key's order as of its own",
      },
      {
        find: "case when coalesce(r.keyed, true) then 'returning' else 'none' end, r.type",
        replace: "'none', r.type",
        breaks: 'a Sell that is still on its way is never given back: the order owes no Reback',
      },
    ],
  ),
  ...inFile(
    'store/void-orders.ts',
    [UNKEYED],
    [
      {
        find: "case when o.sent_at is null then 'TRADE_CLOSED' else 'IN_DOUBT' end",
        replace: "'TRADE_CLOSED'",
        breaks: 'an order of which nobody knows whether it was sold is closed as if somebody did',
      },
      {
        find: '        and (o.sent_at is null or r.under_way_ms = 0 or o.sent_at < now() - make_interval(secs => r.under_way_ms / 1000))\n',
        replace: '',
        breaks: 'an order is put in doubt although whoever sent its Sell may still be answered',
      },
      {
        find: "when o.stock_state = 'none' then 'none' else 'returning' end",
        replace: "else 'returning' end",
        breaks: 'an unkeyed inventory is given back what it never sold',
      },
    ],
  ),
]
