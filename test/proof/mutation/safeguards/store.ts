import { inFile } from '../mutation.ts'

const STORE = 'test/store/order-store.test.ts'
const CART = 'test/store/cart-limits.test.ts'
const OWED = 'test/store/owed.test.ts'
const LOCKS = 'test/store/locks.test.ts'
const UNKEYED = 'test/store/unkeyed-stock.test.ts'
const SWITCHED = 'test/reconciliation/mode-switch.test.ts'
const UNKEYED_STEPS = 'test/activities/unkeyed-inventory.test.ts'
const ANSWERED = 'test/operators/answered.test.ts'
const UNUSABLE = 'test/store/unusable-database.test.ts'

export const STORE_SAFEGUARDS = [
  ...inFile(
    'store/migrations/migrate.ts',
    ['test/store/first-minutes.test.ts'],
    [
      {
        find: '  await takeFirstPages(db)\n',
        replace: '',
        breaks: 'in the first minutes of a store each line of an order reads all orders',
      },
    ],
  ),
  ...inFile(
    'store/mark-returned.ts',
    [STORE, LOCKS],
    [
      {
        find: '::text = any(owed)',
        replace: '::text is not null',
        breaks: 'an order that is confirmed is recorded as given back',
      },
      { find: 'order by order_sn for update', replace: 'for update', breaks: 'two batches of the same orders deadlock' },
    ],
  ),
  ...inFile(
    'store/mark-returned.ts',
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
    'store/mark-returned.ts',
    [UNKEYED_STEPS],
    [
      {
        find: ' and (keyed or not ',
        replace: ' and (true or not ',
        breaks: 'an order counts as given back by a number of which its inventory never heard',
      },
    ],
  ),
  ...inFile(
    'store/unsettled.ts',
    ['test/store/life.test.ts'],
    [
      {
        find: "    .where('confirmed_at', 'is', null)\n",
        replace: '',
        breaks: 'a backlog of closed orders that are given back closes the intake, and gets a run each',
      },
    ],
  ),
  ...inFile(
    'store/failures.ts',
    [UNUSABLE],
    [
      {
        find: 'race === RACES || ',
        replace: '',
        breaks: 'a statement that loses every race is repeated for ever',
      },
      {
        find: 'state === undefined || SPOILT_SESSION.test(state)',
        replace: 'false',
        breaks: 'connections to a primary that was demoted are used again and again, and refuse every write',
      },
      {
        find: "kind === 'lostRace' ? 'away' : kind",
        replace: "kind === 'lostRace' ? 'defect' : kind",
        breaks: 'an order is ended for good by a statement that lost races',
      },
    ],
  ),
  ...inFile(
    'store/prove-writable.ts',
    [UNUSABLE],
    [
      {
        find: '(update store_probe set at = now() returning one)',
        replace: '(select one from store_probe)',
        breaks: 'orders are accepted that a read-only primary never stores',
      },
      {
        find: 'generate_series(1, four * 1000)',
        replace: 'generate_series(1, four)',
        breaks: 'orders are accepted that a full disk never stores',
      },
      {
        find: 'exists (select from orders) as any_orders',
        replace: 'true as any_orders',
        breaks: 'orders are accepted by a database that lacks their table',
      },
    ],
  ),
  ...inFile(
    'store/stored-order.ts',
    [UNKEYED],
    [
      {
        find: "status !== 'CREATING' && ",
        replace: '',
        breaks: 'an order counts as settled that is being created: an operator can not have it settled',
      },
      {
        find: " && stockState !== 'in_doubt'",
        replace: '',
        breaks: 'an order counts as settled of which nobody knows what it holds',
      },
    ],
  ),
  ...inFile(
    'store/reconciliation-store.ts',
    ['test/reconciliation/reconcile.test.ts'],
    [
      {
        find: ' and not keyed and ',
        replace: ' and ',
        breaks: 'stock of an order with a key is given back once, and never again, however often it is found sold',
      },
    ],
  ),
  ...inFile(
    'store/reconciliation-store.ts',
    ['test/reconciliation/lost-orders.test.ts'],
    [
      {
        find: "interval '15 minutes'",
        replace: "interval '0 minutes'",
        breaks: 'a run that the list of runs did not show yet is never looked at: its order is lost unseen',
      },
    ],
  ),
  ...inFile(
    'store/audit.ts',
    [ANSWERED],
    [
      {
        find: 'JSON.stringify({ status, stockState })',
        replace: 'JSON.stringify(arguments[0])',
        breaks: 'the audit trail keeps whole orders',
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
    'store/unsettled.ts',
    [STORE, LOCKS],
    [
      {
        find: "(status = 'CREATING' or owed <> '{}')",
        replace: "(status = 'CREATING')",
        breaks: 'the sweep never finds an order that owes a Reback',
      },
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
      { find: ' and sent_at is null or', replace: ' or', breaks: 'an effect is sent again whose answer was lost' },
      { find: ' and sent_by = $', replace: " and '' <> $", breaks: 'an effect is sent again that somebody else has sent' },
      {
        find: 'coalesce(o.sent_at, now())',
        replace: 'now()',
        breaks: 'the statement that a caller repeats takes its mark from it',
      },
      { find: ' and not keyed', replace: '', breaks: 'an order of the other mode is sent past its key' },
      { find: ' and status = $', replace: " and '' <> $", breaks: 'an order is sold that is closed' },
      { find: 'and (stock_state = $', replace: "and ('' <> $", breaks: 'an effect is sent again that was applied' },
      {
        find: 'where o.stock_state = $',
        replace: "where '' <> $",
        breaks: 'a late answer settles an order in doubt, of which its caller was told that nobody knows',
      },
      {
        find: 'o.sent_at = coalesce(a.mark::timestamptz, o.sent_at)',
        replace: 'o.sent_at is not null',
        breaks: "a late answer takes away a later call's mark, and stock goes back twice",
      },
      {
        find: '        .where(ofCall(mark))\n',
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
        find: "        .where('status', '=', 'TRADE_CLOSED')\n",
        replace: '',
        breaks: 'the stock of an order that stands is given back',
      },
      {
        find: "        .where('stock_state', '!=', 'in_doubt')\n",
        replace: '',
        breaks: 'stock is given back once more whose Reback may have been applied',
      },
      {
        find: ' || (await isMended(transaction, entry.orderSn))',
        replace: '',
        breaks: 'an operator with an old list gives back twice what was sold without a number',
      },
      {
        find: '        .forUpdate()\n',
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
  ...inFile(
    'store/cart-store.ts',
    [LOCKS],
    [
      {
        find: 'pg_advisory_xact_lock($',
        replace: '($',
        breaks: 'who puts the last goods into a cart at the same time puts in more than an order may have',
      },
    ],
  ),
  ...inFile(
    'store/cart-store.ts',
    ['test/store/cart.test.ts'],
    [
      {
        find: 'then c.num else 0 end + excluded.num, name',
        replace: 'then 0 else 0 end + excluded.num, name',
        breaks: 'what another tab has added to the cart is lost',
      },
      {
        find: 'else 0 end + excluded.num <= $',
        replace: 'else 0 end < $',
        breaks: 'a cart holds more pieces of one goods than an order may have',
      },
    ],
  ),
]
