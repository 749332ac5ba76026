import { inFile } from '../mutation.ts'

const STORE = 'test/store/order-store.test.ts'
const CART = 'test/store/cart-limits.test.ts'
const OWED = 'test/store/owed.test.ts'
const LOCKS = 'test/store/locks.test.ts'
const UNKEYED = 'test/store/unkeyed-stock.test.ts'
const ANOTHER_BODY = 'test/activities/another-body.test.ts'

const JUDGED = 'test/activities/judged-effects.test.ts'
const SWITCHED = 'test/reconciliation/mode-switch.test.ts'
const UNKEYED_STEPS = 'test/activities/unkeyed-inventory.test.ts'

export const STORE_SAFEGUARDS = [
  ...inFile(
    'store/confirm-orders.ts',
    [JUDGED, UNKEYED_STEPS],
    [
      {
        find: ' and o.keyed = coalesce(r.keyed, o.keyed)',
        replace: '',
        breaks: 'a worker of one mode confirms an order of the other one',
      },
      { find: ' and o.lines = named.lines', replace: '', breaks: 'an order is confirmed with other goods than it asked for' },
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
      { find: '      order by r.order_sn\n', replace: '', breaks: 'two batches of the same orders deadlock' },
    ],
  ),
  ...inFile(
    'store/open-orders.ts',
    [STORE, CART],
    [
      {
        find: 'where c.checked and c.user_id in',
        replace: 'where c.user_id in',
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
        find: ' and (select count(*) from cart) >= 0',
        replace: '',
        breaks: 'confirmations and openings deadlock over order and cart',
      },
      {
        find: 'order by o.order_sn for update of o',
        replace: 'for update of o',
        breaks: 'two batches of the same orders deadlock',
      },
      {
        find: 'order by o.order_sn for update of o',
        replace: 'order by o.order_sn',
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
        find: ' and (r.fingerprint is null or r.fingerprint = o.fingerprint)',
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
        find: 'if (request && request.fingerprint !== order.fingerprint) return',
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
        find: "when o.stock_state = 'none' then 'none' else 'returning' end",
        replace: "else 'returning' end",
        breaks: 'an unkeyed inventory is given back what it never sold',
      },
    ],
  ),
  ...inFile(
    'store/order-store.ts',
    [STORE, LOCKS],
    [
      {
        find: '::text = any(owed)',
        replace: '::text is not null',
        breaks: 'an order that is confirmed is recorded as given back',
      },
      { find: 'order by order_sn for update', replace: 'for update', breaks: 'two batches of the same orders deadlock' },
      {
        find: "(status = 'CREATING' or owed <> '{}')",
        replace: "(status = 'CREATING')",
        breaks: 'the sweep never finds an order that owes a Reback',
      },
    ],
  ),
  ...inFile(
    'store/order-store.ts',
    [OWED],
    [
      {
        find: 'held = o.held - ',
        replace: "held = o.held - 'no ' || ",
        breaks: 'what a participant got back is owed to it for ever',
      },
      {
        find: "'returned' else o.stock_state end",
        replace: "'returned' else 'returned' end",
        breaks: 'who gives its coupon back keeps its stock',
      },
    ],
  ),
  ...inFile(
    'store/stored-order.ts',
    [OWED],
    [
      {
        find: ' && owed.length === 0',
        replace: '',
        breaks: 'an order counts as settled that owes something',
      },
    ],
  ),
  ...inFile(
    'store/migrations/0005-owed.ts',
    [OWED],
    [
      {
        find: "select 'inventory' where new.stock_state = 'returning'",
        replace: "select 'inventory' where false",
        breaks: 'what a worker of the release before closed owes nothing',
      },
      {
        find: "where new.status = 'TRADE_CLOSED')",
        replace: 'where false)',
        breaks: 'whatever an order holds besides stock is kept when it is closed',
      },
      {
        find: "await sql`update orders set owed = '{}' where stock_state = 'returning'`.execute(db)",
        replace: '',
        breaks: 'orders that owed their stock when the column came owe nothing',
      },
    ],
  ),
  ...inFile(
    'store/order-store.ts',
    [STORE, LOCKS],
    [
      {
        find: "status <> 'CREATING', random()",
        replace: "status <> 'CREATING', order_sn",
        breaks: 'as many orders as nothing can settle hold up all others for ever',
      },
      {
        find: "status <> 'CREATING', random()",
        replace: 'random()',
        breaks: 'users stay locked out while others are given back their stock',
      },
    ],
  ),
  ...inFile(
    'store/unkeyed-stock.ts',
    [UNKEYED],
    [
      { find: "    .where('sent_at', 'is', null)\n", replace: '', breaks: 'an effect is sent again whose answer was lost' },
      { find: "    .where('keyed', '=', false)\n", replace: '', breaks: 'an order of the other mode is sent past its key' },
      { find: "    .where('status', '=', status)\n", replace: '', breaks: 'an order is sold that is closed' },
      {
        find: "    .where('stock_state', '=', before)\n",
        replace: '',
        breaks: 'an effect is sent again that was applied',
      },
      {
        find: "    .where('stock_state', '=', sent)\n",
        replace: '',
        breaks: 'a late answer settles an order in doubt, of which its caller was told that nobody knows',
      },
      {
        find: "    .where('sent_at', 'is not', null)\n    .executeTakeFirst()",
        replace: '    .executeTakeFirst()',
        breaks: 'a late answer settles an order as whose stock an operator found otherwise',
      },
      {
        find: "        .where('sent_at', 'is not', null)\n",
        replace: '',
        breaks: 'an order is put in doubt whose Reback is still to be sent: nobody gives it back',
      },
    ],
  ),
  ...inFile(
    'store/reconciliation-store.ts',
    [SWITCHED],
    [
      {
        find: "          .where('status', '=', 'TRADE_CLOSED')\n",
        replace: '',
        breaks: 'the stock of an order that stands is given back',
      },
      {
        find: "          .where('stock_state', '!=', 'in_doubt')\n",
        replace: '',
        breaks: 'stock is given back once more whose Reback may have been applied',
      },
      {
        find: ' || (await isMended(transaction, entry.orderSn))',
        replace: '',
        breaks: 'an operator with an old list gives back twice what was sold without a number',
      },
      {
        find: '          .forUpdate()\n',
        replace: '',
        breaks: 'two operators at once give back twice what was sold without a number',
      },
    ],
  ),
  ...inFile(
    'store/sql-states.ts',
    ['test/store/sql-states.test.ts'],
    [
      {
        find: "lostRace: ['40001', '40P01']",
        replace: 'lostRace: []',
        breaks: 'a statement that PostgreSQL ended for a deadlock is not repeated at once',
      },
      {
        find: "    '25006', // a replica, or a primary set to read-only\n",
        replace: '',
        breaks: 'orders are ended for good while the primary is read-only',
      },
    ],
  ),
  ...inFile(
    'store/resolve-in-doubt.ts',
    [UNKEYED],
    [
      {
        find: "        .where('stock_state', '=', 'in_doubt')\n",
        replace: '',
        breaks: 'an operator settles an order that is not in doubt, and gives back what it holds',
      },
      {
        find: '        .forUpdate()\n',
        replace: '',
        breaks: 'two operators settle one order, one as sold and one as not',
      },
    ],
  ),
  ...inFile(
    'store/cart-store.ts',
    [CART],
    [{ find: ') < $', replace: ') < 1 + $', breaks: 'a cart holds more than an order may' }],
  ),
]
