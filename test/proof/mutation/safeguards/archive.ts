import { inFile } from '../mutation.ts'

const ARCHIVED = 'test/store/archive.test.ts'
const MOVING = 'test/store/archive-moving.test.ts'
const BY_SCHEDULE = 'test/activities/archive-orders.test.ts'

/** Old orders, which move into the archive while everything else goes on. */
export const ARCHIVE_SAFEGUARDS = [
  ...inFile(
    'store/migrations/0025-archive.ts',
    [ARCHIVED, MOVING],
    [
      {
        find: " and o.stock_state in ('none', 'returned')) and o.owed = '{}'",
        replace: ')',
        breaks: 'what an order owes is archived',
      },
      {
        find: "          and not exists (select from payments p where p.order_sn = o.order_sn and p.refund = 'owed')\n",
        replace: '',
        breaks: 'money that somebody has to give back is archived',
      },
      {
        find: 'for update of o skip locked',
        replace: 'for update of o',
        breaks: 'a batch waits for whoever holds one of its orders, and holds up all others',
      },
      {
        find: 'then return null; end if;\n      -- One statement',
        replace: 'then null; end if;\n      -- One statement',
        breaks: 'an erasure misses a recipient, and an import inserts an order a second time',
      },
      {
        find: 'then return null; end if;\n      return new;',
        replace: 'then return new; end if;\n      return new;',
        breaks: 'a payment that is reported again years later owes a refund',
      },
      {
        find: ') inherits (orders)`',
        replace: ', like orders)`',
        breaks: 'the key of an archived order opens a second one',
      },
    ],
  ),
  ...inFile(
    'store/recipients/erase-recipients.ts',
    [MOVING],
    [
      {
        find: '    await ordersStay(trx)\n',
        replace: '',
        breaks: 'the recipient of an order that moves at that moment is not erased',
      },
    ],
  ),
  ...inFile(
    'store/restore-order.ts',
    [ARCHIVED],
    [
      {
        find: '    where not exists (select 1 from orders o',
        replace: '    where true or not exists (select 1 from orders o',
        breaks: 'an archived order is restored beside itself',
      },
    ],
  ),
  ...inFile(
    'store/recipients/seal-rows.ts',
    [MOVING],
    [
      {
        find: '    await ordersStay(trx)\n',
        replace: '',
        breaks: 'the recipient of an order that moves at that moment stays in clear',
      },
    ],
  ),
  ...inFile(
    'store/imported/imports-in-turn.ts',
    [MOVING],
    [{ find: '  await ordersStay(trx)\n', replace: '', breaks: 'an order that moves at that moment is imported a second time' }],
  ),
  ...inFile(
    'store/reconciliation-store.ts',
    [MOVING],
    [
      {
        find: '      await ordersStay(transaction)\n',
        replace: '',
        breaks: 'a repair misses an order that moves at that moment',
      },
    ],
  ),
  ...inFile(
    'store/open-orders.ts',
    [ARCHIVED, MOVING],
    [
      {
        find: 'lateral (select * from orders o where',
        replace: 'lateral (select * from only orders o where',
        breaks: 'the key of an archived order opens a second one',
      },
    ],
  ),
  ...inFile(
    'store/void-orders.ts',
    [ARCHIVED],
    [
      {
        find: 'where r.user_id is not null and not exists (select 1 from orders o where',
        replace: 'where r.user_id is not null and not exists (select 1 from only orders o where',
        breaks: 'a late voiding closes an archived order once more, beside itself, and gives back what it sold',
      },
    ],
  ),
  ...inFile(
    'store/archive/archive-old-orders.ts',
    [ARCHIVED],
    [
      {
        find: '(100 / share - 1)',
        replace: '0',
        breaks: 'the archiving takes the store from those who order',
      },
    ],
  ),
  ...inFile(
    'activities/archive-orders.ts',
    [BY_SCHEDULE],
    [
      {
        find: 'if (archiveAfterMs === undefined) return',
        replace: 'if (false as boolean) return',
        breaks: 'orders move while a build of before is up, whose erasure misses them',
      },
      {
        find: 'forMs: ARCHIVE_ROUND_MS, signal }',
        replace: 'forMs: ARCHIVE_ROUND_MS }',
        breaks: 'a worker that is to stop goes on archiving until it is killed',
      },
    ],
  ),
]
