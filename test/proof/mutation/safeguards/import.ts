import { inFile } from '../mutation.ts'

const IMPORT = 'test/import/import.test.ts'
const GIVES_BACK = 'test/import/gives-back.test.ts'
const ODDITIES = 'test/import/oddities.test.ts'

export const IMPORT_SAFEGUARDS = [
  ...inFile(
    'store/imported/put-orders.ts',
    [IMPORT],
    [
      {
        find: "row.untouched ? 'again' : 'moved-here'",
        replace: "'again'",
        breaks: 'an order that was paid here is set back to what the source says',
      },
      { find: "takenIds.has(id) ? 'id-taken' : 'new'", replace: "'new'", breaks: 'one id that is taken here ends every import' },
      {
        find: "if (row.imported_as === digests.get(orderSn)) return [orderSn, 'same']",
        replace: "return [orderSn, 'same']",
        breaks: 'what was changed in the source since is not taken anew',
      },
    ],
  ),
  ...inFile(
    'store/imported/imports-in-turn.ts',
    [IMPORT],
    [
      {
        find: 'pg_advisory_xact_lock(',
        replace: 'abs(',
        breaks: 'of two imports at once one fails',
      },
    ],
  ),
  ...inFile(
    'store/imported/put-carts.ts',
    [IMPORT],
    [
      {
        find: "if (current !== imported) return 'moved-here'",
        replace: '',
        breaks: 'a cart that its user has changed, or ordered, is filled again',
      },
    ],
  ),
  ...inFile(
    'store/migrations/0011-imported.ts',
    [IMPORT],
    [
      {
        find: "if tg_op = 'INSERT' and new.imported_sn is not null then return null; end if;",
        replace: '',
        breaks: 'each imported order sends an event, of the wrong kind',
      },
      {
        find: "if tg_op = 'INSERT' and new.imported_sn is not null then return new; end if;",
        replace: '',
        breaks: 'an order that was closed there counts as closed now, and its events begin with the second',
      },
    ],
  ),
  ...inFile(
    'store/imported/owe-closed.ts',
    [GIVES_BACK],
    [
      {
        find: "status = 'TRADE_CLOSED' and stock_state = 'sold' and imported_sn",
        replace: "status = 'TRADE_CLOSED' and imported_sn",
        breaks: 'what was given back is given back once more',
      },
      {
        find: 'set pieces = b.pieces + p.num',
        replace: 'set pieces = b.pieces',
        breaks: 'what is given back passes for a drift of the stock',
      },
      {
        find: '("goodsId" integer) where l."goodsId"',
        replace: '("goodsId" integer) where false and l."goodsId"',
        breaks: 'pieces that somebody has put back already are given back once more',
      },
    ],
  ),
  ...inFile(
    'import/take-order.ts',
    [GIVES_BACK],
    [
      {
        find: "stockState: 'none', closedFor: 'expired'",
        replace: "stockState: 'sold', closedFor: 'expired'",
        breaks: 'what was never sold is given back',
      },
    ],
  ),
  ...inFile(
    'import/import-orders.ts',
    [ODDITIES],
    [{ find: 'report.add(one.by, [id])', replace: '', breaks: 'an order is left out, and nobody hears of it' }],
  ),
]
