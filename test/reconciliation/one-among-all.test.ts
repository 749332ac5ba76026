import assert from 'node:assert/strict'
import { sql } from 'kysely'
import type { Line, OrderSn } from '../../contracts/order.ts'
import type { ReconciliationDeps } from '../../reconciliation/deps.ts'
import { reconcile } from '../../reconciliation/reconcile.ts'
import { readBaseline } from '../../reconciliation/stock-balance.ts'
import { Shop } from './shop.ts'

const LINES: Line[] = [
  { goodsId: 3, num: 2 },
  { goodsId: 7, num: 1 },
]

describe('the reconciliation, of all orders', () => {
  let shop: Shop

  beforeEach(async () => {
    shop = await Shop.open()
  })
  afterEach(() => shop.close())

  async function takeBaseline(): Promise<void> {
    const { baselines } = await readBaseline(shop.parts(), [3, 7, 9])
    await shop.store.putBaselines(baselines)
  }

  describe('of an order that cannot be looked at', () => {
    const CANNOT = new Error('13 INTERNAL: it is damaged')
    let orderSn: OrderSn

    beforeEach(async () => {
      await takeBaseline()
      orderSn = await shop.sold(LINES)
    })

    async function findingsOf(parts: ReconciliationDeps) {
      const { findings, equations } = await reconcile(parts)
      assertEquationsHold(equations)
      return findings.map(({ kind, orderSn: of }) => [kind, of])
    }

    it('says so, and compares all others: its runs cannot be asked about', async () => {
      const abandoned = await shop.opened(LINES)
      const parts = shop.parts()
      const found = await findingsOf({
        ...parts,
        async attendanceOf(order) {
          if (order.orderSn === orderSn) throw CANNOT
          return await parts.attendanceOf(order)
        },
      })
      assert.deepEqual(
        found.sort(),
        [
          ['abandoned', abandoned],
          ['unaskable', orderSn],
        ].sort(),
      )
    })

    it('says so, and compares all others: its sale cannot be asked about', async () => {
      const abandoned = await shop.opened(LINES)
      const parts = shop.parts()
      const ledger = parts.ledger ?? assert.fail('it is keyed')
      const found = await findingsOf({
        ...parts,
        ledger: {
          ...ledger,
          async sale(of) {
            if (of === orderSn) throw CANNOT
            return await ledger.sale(of)
          },
        },
      })
      assert.deepEqual(
        found.sort(),
        [
          ['abandoned', abandoned],
          ['unaskable', orderSn],
        ].sort(),
      )
    })

    it('says so of goods whose stock cannot be asked about, and balances all others', async () => {
      shop.attended.add(orderSn)
      await shop.damageLedger('update inventory.stocks set num = num - 4 where goods_id = 9')
      const parts = shop.parts()
      const { findings } = await reconcile({
        ...parts,
        async stockOf(goodsId) {
          if (goodsId === 3) throw CANNOT
          return await parts.stockOf(goodsId)
        },
      })
      assert.deepEqual(
        findings.map(({ kind, units }) => [kind, units[0]?.goodsId]),
        [
          ['unaskable', 3],
          ['stock-drift', 9],
        ],
      )
    })

    it('ends if the inventory can be asked about no goods at all: it is away', async () => {
      const away = { ...shop.parts(), stockOf: async () => assert.fail('away') }
      await assert.rejects(reconcile(away), /away/)
    })

    const LINES_OF_NOBODY = [
      '[{"goodsId":"abc","num":1}]',
      '{}',
      '[null]',
      '[{"goodsId":1e30,"num":1.5}]',
      '[{"goodsId":3.0,"num":2.0}]',
      '7',
    ]
    for (const lines of LINES_OF_NOBODY) {
      it(`compares all others, whatever stands in its row for lines: ${lines}`, async () => {
        await sql`update orders set lines = ${lines}::jsonb where order_sn = ${orderSn}`.execute(shop.db)
        const abandoned = await shop.opened(LINES)
        assert.deepEqual(
          (await findingsOf(shop.parts())).sort(),
          [
            ['abandoned', abandoned],
            ['abandoned', orderSn],
          ].sort(),
        )
        await shop.giveBack(orderSn, [])
        shop.attended.add(abandoned)
        assert.deepEqual(await findingsOf(shop.parts()), [])
      })
    }
  })

  describe('of an order that a run called confirmed', () => {
    it('proposes no repair if the store holds it as CREATING, or as closed and owing: an operator decides', async () => {
      await takeBaseline()
      const [creating, closed] = [await shop.sold(LINES), await shop.voided(LINES)]
      const { findings } = await reconcile({ ...shop.parts(), attendanceOf: async () => ({ kind: 'answered', workflowId: 'w' }) })
      const told = findings.map(({ kind, orderSn, repair }) => [kind, orderSn, repair])
      assert.deepEqual(
        told.sort(),
        [
          ['answered-confirmed', creating, undefined],
          ['answered-confirmed', closed, undefined],
        ].sort(),
      )
      for (const { advice } of findings) assert.match(String(advice), /--as-answered.*--close/)
    })

    it('does not take its sale for somebody else’s if the store has lost it', async () => {
      const orderSn = await shop.confirmed(LINES)
      await shop.db.deleteFrom('order_lines').where('order_sn', '=', orderSn).execute()
      await shop.db.deleteFrom('orders').where('order_sn', '=', orderSn).execute()
      const { findings } = await reconcile({ ...shop.parts(), answerGiven: async () => ({ workflowId: 'w' }) })
      assert.deepEqual(
        findings.map(({ kind, orderSn: of, repair }) => [kind, of, repair]),
        [['answered-without-order', orderSn, 'return-answered']],
      )
    })
  })

  function assertEquationsHold(equations: Awaited<ReturnType<typeof reconcile>>['equations']) {
    for (const { goodsId, ledger, sold, onTheWay, unexplained, stock, baseline, drift } of equations) {
      assert.equal(ledger, sold + onTheWay + unexplained, `the ledger of goods ${goodsId}`)
      if (baseline !== undefined)
        assert.equal(Number(stock) + Number(ledger), baseline + Number(drift), `the stock of goods ${goodsId}`)
    }
  }
})
