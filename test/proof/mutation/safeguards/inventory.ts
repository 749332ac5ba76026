import { inFile } from '../mutation.ts'

const BARRIER = 'test/services/barrier.test.ts'
const LEDGER = 'test/services/stock-ledger.test.ts'
const RIVALS = 'test/services/inventory-rivals.test.ts'

export const INVENTORY_SAFEGUARDS = [
  ...inFile(
    'clients/health-balancer.ts',
    ['test/clients/balancing.test.ts'],
    [
      {
        find: 'this.#misses < MISSES && (known || !(isMissed || error.code === status.UNAVAILABLE))',
        replace: 'this.#misses < MISSES',
        breaks: 'a backend that said that it does not serve gets calls again as soon as it misses a check',
      },
    ],
  ),
  ...inFile(
    'clients/inventory-client.ts',
    ['test/clients/clients.test.ts'],
    [
      {
        find: 'await this.#sell(parseOrderSn(orderSn), lines, atMostMs)',
        replace: 'await this.#sell(orderSn, lines, atMostMs)',
        breaks: 'a Sell under an empty number sells as often as it is repeated',
      },
      {
        find: 'await this.#reback(parseOrderSn(orderSn), lines, atMostMs)',
        replace: 'await this.#reback(orderSn, lines, atMostMs)',
        breaks: 'a Reback under an empty number gives back as often as it is repeated',
      },
    ],
  ),
  ...inFile(
    'services/inventory/barrier.ts',
    [BARRIER, LEDGER],
    [
      {
        find: "IF sale.state = 'RETURNED' THEN\n      RETURN QUERY",
        replace: 'IF false THEN\n      RETURN QUERY',
        breaks: 'a Sell that arrives after its Reback takes stock for ever',
      },
      { find: "ELSIF sale.state = 'SOLD' THEN", replace: 'ELSIF false THEN', breaks: 'a repeated Sell sells twice' },
      {
        find: "INSERT INTO inventory.sales VALUES (sn, 'RETURNED', '{}', '{}');",
        replace: '',
        breaks: 'a Reback before its Sell leaves no tombstone',
      },
      {
        find: "ELSIF sale.state = 'RETURNED' THEN",
        replace: 'ELSIF false THEN',
        breaks: 'a repeated Reback gives back twice',
      },
      {
        find: '    ids := sale.goods_ids;\n    given := sale.nums;\n',
        replace: '',
        breaks: 'a Reback gives back what its caller says, not what was sold',
      },
      {
        find: 'WHERE stock.num IS NULL OR stock.num < line.num',
        replace: 'WHERE stock.num IS NULL',
        breaks: 'more is sold than there is',
      },
      {
        find: "UPDATE inventory.sales SET state = 'RETURNED' WHERE order_sn = sn;",
        replace: '',
        breaks: 'a repeated Reback gives back twice',
      },
      {
        find: "INSERT INTO inventory.sales VALUES (sn, 'SOLD', ids, asked);",
        replace: '',
        breaks: 'a repeated Sell sells twice',
      },
      {
        find: 'NOT true = ANY (rebacks)',
        replace: 'true',
        breaks: 'the Reback of a group sells',
      },
      {
        find: "    AND (SELECT count(sn) = count(DISTINCT sn) FROM unnest(sns) AS sn WHERE sn <> '')\n",
        replace: '',
        breaks: 'a group with a Sell that comes twice is given up, and its calls are applied one by one',
      },
      {
        find: '    AND NOT EXISTS (SELECT FROM inventory.sales WHERE order_sn = ANY (sns))\n',
        replace: '',
        breaks: 'a group with a repeated Sell is given up, and its calls are applied one by one',
      },
      { find: ' OR stock.num < sum(line.num)', replace: '', breaks: 'a group sells more than there is' },
    ],
  ),
  ...inFile(
    'services/inventory/barrier.ts',
    [BARRIER, RIVALS, LEDGER],
    [
      {
        find: 'PERFORM pg_advisory_xact_lock(key)',
        replace: 'PERFORM key',
        breaks: 'Sell and Reback of one order, at two inventories at once, both find no sale',
      },
      {
        find: "WHERE sn <> '' ORDER BY key) AS keys",
        replace: "WHERE sn <> '') AS keys",
        breaks: 'two groups deadlock over their orders',
      },
      {
        find: ' ORDER BY goods_id FOR UPDATE;',
        replace: ' FOR UPDATE;',
        breaks: 'two groups deadlock over their goods',
        survives:
          'PostgreSQL ends a deadlock of two groups, and the ledger takes the one that it ended once more: slower, and right.',
      },
      { find: ' ORDER BY goods_id FOR UPDATE;', replace: ';', breaks: 'stock is judged that a rival is just taking' },
    ],
  ),
]
