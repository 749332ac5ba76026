import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { type Line, parseOrderSn } from '../../contracts/order.ts'
import type { Finding, MismatchKind } from '../../contracts/reconciliation.ts'
import { isExplained, reconcile } from '../../reconciliation/reconcile.ts'
import { readBaseline } from '../../reconciliation/stock-balance.ts'
import { Shop } from './shop.ts'

/** Goods of every order below unless a test says otherwise. */
const LINES: Line[] = [
  { goodsId: 3, num: 2 },
  { goodsId: 7, num: 1 },
]
const NEGATED = LINES.map(({ goodsId, num }) => ({ goodsId, num: -num }))

describe('the reconciliation', () => {
  let shop: Shop

  beforeEach(async () => {
    shop = await Shop.open()
  })
  afterEach(() => shop.close())

  /** Orders in every lawful state, so that a damage has to be told from them. */
  async function healthyShop(): Promise<void> {
    await shop.confirmed(LINES)
    await shop.returned(LINES)
    for (const young of [await shop.opened(LINES), await shop.sold(LINES), await shop.voided(LINES)]) shop.attended.add(young)
    await shop.inventory.reback(parseOrderSn('ANORDERNEVEROPEN'), []) // a tombstone without an order
  }

  async function takeBaseline(): Promise<void> {
    const { baselines } = await readBaseline(shop.parts(), [3, 7, 9])
    await shop.store.putBaselines(baselines)
  }

  it('explains orders in every lawful state, each with its place in the equation', async () => {
    await takeBaseline()
    await healthyShop()
    const found = await reconcile(shop.parts())
    assert.deepEqual(found.findings, [])
    assert.equal(isExplained(found), true)
    assert.equal(found.orders, 6)
    const goods = (goodsId: number) => found.equations.find((equation) => equation.goodsId === goodsId)
    const told = { unexplained: 0, baseline: 10_000, drift: 0 }
    assert.deepEqual(goods(3), { goodsId: 3, sold: 2, onTheWay: 4, ledger: 6, stock: 9_994, ...told })
    assert.deepEqual(goods(7), { goodsId: 7, sold: 1, onTheWay: 2, ledger: 3, stock: 9_997, ...told })
    assert.deepEqual(goods(9), { goodsId: 9, sold: 0, onTheWay: 0, ledger: 0, stock: 10_000, ...told })
  })

  describe('names, among healthy orders, the one that was damaged:', () => {
    const DAMAGES: Record<string, () => Promise<Partial<Finding>>> = {
      'a sale whose Reback the ledger lost': async () => {
        const orderSn = await shop.returned(LINES)
        await shop.damageLedger(
          `update inventory.sales set state = 'SOLD', goods_ids = '{3,7}', nums = '{2,1}' where order_sn = '${orderSn}'`,
        )
        await shop.damageLedger(
          'update inventory.stocks set num = num - case goods_id when 3 then 2 else 1 end where goods_id in (3, 7)',
        )
        return { kind: 'closed-but-sold', orderSn, units: LINES, repair: 'return' }
      },
      'a closed order that forgot that it owes a Reback': async () => {
        const orderSn = await shop.voided(LINES)
        await shop.damageOrder(orderSn, { stock_state: 'none' })
        return { kind: 'closed-but-sold', orderSn, units: LINES, repair: 'return' }
      },
      'a Reback that is owed and that nobody sends': async () => {
        const orderSn = await shop.voided(LINES)
        return { kind: 'reback-overdue', orderSn, units: LINES, repair: 'return' }
      },
      'a tombstone that is gone': async () => {
        const orderSn = await shop.returned(LINES)
        await shop.damageLedger(`delete from inventory.sales where order_sn = '${orderSn}'`)
        return { kind: 'no-tombstone', orderSn, units: [], repair: 'return' }
      },
      'a standing order whose sale the ledger lost': async () => {
        const orderSn = await shop.confirmed(LINES)
        await shop.damageLedger(`delete from inventory.sales where order_sn = '${orderSn}'`)
        await shop.damageLedger(
          'update inventory.stocks set num = num + case goods_id when 3 then 2 else 1 end where goods_id in (3, 7)',
        )
        return { kind: 'never-sold', orderSn, units: NEGATED, repair: 'sell' }
      },
      'a standing order whose stock was given back': async () => {
        const orderSn = await shop.confirmed(LINES)
        await shop.inventory.reback(orderSn, [])
        return { kind: 'given-back', orderSn, units: NEGATED }
      },
      'a sale with other pieces than its order': async () => {
        const orderSn = await shop.confirmed(LINES)
        await shop.damageLedger(`update inventory.sales set nums = '{5,1}' where order_sn = '${orderSn}'`)
        await shop.damageLedger('update inventory.stocks set num = num - 3 where goods_id = 3')
        return { kind: 'other-lines', orderSn, units: [{ goodsId: 3, num: 3 }] }
      },
      'a standing order that lost its lines': async () => {
        const orderSn = await shop.confirmed(LINES)
        await shop.db.deleteFrom('order_lines').where('order_sn', '=', orderSn).execute()
        return { kind: 'other-lines', orderSn, units: LINES }
      },
      'an order that its run left CREATING after the Sell': async () => {
        const orderSn = await shop.sold(LINES)
        return { kind: 'abandoned', orderSn, units: LINES, repair: 'settle' }
      },
      'an order that its run left CREATING before the Sell': async () => {
        const orderSn = await shop.opened(LINES)
        return { kind: 'abandoned', orderSn, units: [], repair: 'settle' }
      },
      'an order in doubt': async () => {
        const orderSn = await shop.sold(LINES)
        await shop.damageOrder(orderSn, { status: 'IN_DOUBT', stock_state: 'in_doubt' })
        return { kind: 'in-doubt', orderSn, units: LINES }
      },
      'an order in doubt whose stock was never taken': async () => {
        const orderSn = await shop.opened(LINES)
        await shop.damageOrder(orderSn, { status: 'IN_DOUBT', stock_state: 'in_doubt' })
        return { kind: 'in-doubt', orderSn, units: LINES }
      },
      'a sale to an order that was deleted': async () => {
        const orderSn = await shop.sold(LINES)
        await shop.db.deleteFrom('orders').where('order_sn', '=', orderSn).execute()
        return { kind: 'sale-without-order', orderSn, units: LINES, repair: 'return-unknown' }
      },
      'stock that was taken past the ledger': async () => {
        await shop.damageLedger('update inventory.stocks set num = num - 4 where goods_id = 9')
        return { kind: 'stock-drift', units: [{ goodsId: 9, num: -4 }] }
      },
      'stock that appeared from nowhere': async () => {
        await shop.damageLedger('update inventory.stocks set num = num + 4 where goods_id = 9')
        return { kind: 'stock-drift', units: [{ goodsId: 9, num: 4 }] }
      },
    }

    for (const [what, damage] of Object.entries(DAMAGES)) {
      it(what, async () => {
        await takeBaseline()
        await healthyShop()
        const wanted = await damage()
        const found = await reconcile(shop.parts())
        const told = found.findings.map(({ advice: _, ...finding }) => finding)
        assert.deepEqual(told, [wanted])
        assert.ok(found.findings[0]?.repair || found.findings[0]?.advice, 'it says what to do')
        const kind = wanted.kind as MismatchKind
        const pieces = wanted.units?.reduce((sum, { num }) => sum + Math.abs(num), 0)
        assert.deepEqual(found.unexplained[kind], { units: pieces, findings: 1 })
        assert.equal(isExplained(found), false)
        assert.deepEqual((await shop.store.lastSummary())?.summary.unexplained, found.unexplained)
        assertEquationsHold(found.equations)
      })
    }
  })

  it('names all that is wrong at once, beyond what one page holds', async () => {
    const many: string[] = []
    while (many.length < 600) {
      many.push(...(await Promise.all(Array.from({ length: 20 }, () => shop.confirmed([{ goodsId: 11, num: 1 }])))))
    }
    await shop.damageLedger(`delete from inventory.sales where order_sn >= 'Q'`)
    const found = await reconcile(shop.parts())
    const lost = many.filter((orderSn) => orderSn >= 'Q').sort()
    assert.ok(lost.length > 0 && lost.length < 600)
    assert.deepEqual(
      found.findings.map(({ orderSn, kind }) => [orderSn, kind]),
      lost.map((orderSn) => [orderSn, 'never-sold']),
    )
    assert.equal(found.orders, 600)
    assertEquationsHold(found.equations)
  })

  it('gives a drift one sign: that of the equation is that of the finding', async () => {
    await takeBaseline()
    for (const num of [-4, 9]) {
      await shop.damageLedger(`update inventory.stocks set num = num + ${num} where goods_id = 9`)
      const { findings, equations } = await reconcile(shop.parts())
      const drift = equations.find(({ goodsId }) => goodsId === 9)?.drift
      assert.deepEqual(findings[0]?.units, [{ goodsId: 9, num: drift }])
    }
  })

  it('accuses no order that changes between every two looks at it', async () => {
    await takeBaseline()
    const orderSn = await shop.sold(LINES)
    const parts = shop.parts()
    const ledger = parts.ledger ?? assert.fail('it is keyed')
    let looks = 0
    const { findings } = await reconcile({
      ...parts,
      ledger: {
        ...ledger,
        async sale(of) {
          looks++
          const entry = await ledger.sale(of)
          await sql`update orders set updated_at = clock_timestamp() where order_sn = ${orderSn}`.execute(shop.db)
          return entry
        },
      },
    })
    assert.deepEqual([findings, looks], [[], 3])
    const still = await reconcile(parts)
    assert.deepEqual(
      still.findings.map(({ kind }) => kind),
      ['abandoned'],
    )
  })

  it('takes no finding for a drift of the stock, however many more there are than it lists', async () => {
    await takeBaseline()
    const many = 1_100
    await shop.damageLedger(`
      insert into inventory.sales
      select 'LOST' || lpad(translate(n::text, '0189', 'WXYZ'), 12, 'A'), 'SOLD', '{9}', '{1}' from generate_series(1, ${many}) as n`)
    await shop.damageLedger(`update inventory.stocks set num = num - ${many} where goods_id = 9`)
    const { findings, unexplained, equations } = await reconcile(shop.parts())
    assert.ok(findings.length < many)
    assert.deepEqual(unexplained['sale-without-order'], { units: many, findings: many })
    assert.deepEqual(unexplained['stock-drift'], { units: 0, findings: 0 })
    assertEquationsHold(equations)
  })

  it('stores the start of a number that the inventory invents, whatever it is made of and however long it is', async () => {
    const invented = ['a\0b', `b${'🍵'.repeat(100_000)}`, `c${'\u0001'.repeat(500_000)}`]
    const { ledger, ...parts } = shop.parts()
    if (!ledger) return assert.fail()
    const sales = invented.map((orderSn) => ({ orderSn, state: 'SOLD' as const, lines: LINES }))
    const { orderSns, findings } = await reconcile({
      ...parts,
      ledger: {
        salesAfter: async (after) => (after === '' ? sales : []),
        sale: async (of) => sales.find(({ orderSn }) => orderSn === of) ?? { state: 'NONE', lines: [] },
      },
    })
    assert.deepEqual(orderSns, ['a\uFFFDb', `b${'🍵'.repeat(63)}`, `c${'\u0001'.repeat(63)}`])
    assert.deepEqual(
      findings.map(({ orderSn }) => orderSn),
      invented,
    )
    assert.deepEqual((await shop.store.lastSummary())?.summary.orderSns, orderSns)
  })

  it('notes the debt of an order as often as its stock is found with the inventory: its Reback has a number', async () => {
    const orderSn = await shop.returned([{ goodsId: 3, num: 2 }])
    for (const why of ['found', 'found again']) {
      assert.equal(await shop.store.oweReback({ orderSn, by: 'Ada', why }), true)
      assert.deepEqual(await shop.orders.markReturned([orderSn]), [orderSn])
    }
  })

  it('shows that it is alive while it reads the stock, for each reading may take long', async () => {
    await takeBaseline()
    await shop.damageLedger('update inventory.stocks set num = num - 4 where goods_id = 9')
    const seen: string[] = []
    const parts = shop.parts()
    const store = {
      ...parts.store,
      piecesByGoods() {
        seen.push('reading')
        return parts.store.piecesByGoods()
      },
    }
    const stockOf = (goodsId: number) => {
      seen.push('stock')
      return parts.stockOf(goodsId)
    }
    await reconcile({ ...parts, store, stockOf, beat: () => seen.push('beat') })
    const look = (...stocks: string[]) => ['beat', 'reading', 'beat', ...stocks, 'beat', 'reading']
    // The last one is before the doubts are read.
    assert.deepEqual(seen, [...look('stock', 'stock', 'stock'), ...look('stock'), ...look('stock'), 'beat'])
  })

  it('accuses nobody while orders are made, confirmed and closed under its eyes', async () => {
    await takeBaseline()
    let going = true
    const makers = [1, 2, 3, 4].map(async () => {
      for (let i = 0; going; i++) {
        await shop.confirmed(LINES)
        if (i % 3 === 0) await shop.returned(LINES)
      }
    })
    try {
      for (let look = 0; look < 15; look++) {
        const { findings } = await reconcile({ ...shop.parts(), attendanceOf: async () => ({ kind: 'attended' }) })
        assert.deepEqual(findings, [])
      }
    } finally {
      going = false
      await Promise.all(makers)
    }
    assert.deepEqual((await reconcile(shop.parts())).findings, [])
  })

  it('has, of an inventory without a ledger, the balance of its stock and the orders that nobody settles', async () => {
    await takeBaseline()
    const [doubtful, left, onTheWay] = [await shop.sold(LINES), await shop.sold(LINES), await shop.sold(LINES)]
    await shop.confirmed(LINES)
    await shop.damageOrder(doubtful, { status: 'IN_DOUBT', stock_state: 'in_doubt' })
    shop.attended.add(onTheWay)
    await shop.damageLedger('update inventory.stocks set num = num - 4 where goods_id = 9')
    const { findings, equations, mode } = await reconcile(shop.parts(false))
    assert.equal(mode, 'unkeyed')
    assert.deepEqual(
      findings.map(({ kind, orderSn }) => [kind, orderSn]).sort(),
      [
        ['in-doubt', doubtful],
        ['abandoned', left],
        ['stock-drift', undefined],
      ].sort(),
    )
    const drifts = equations.map(({ goodsId, sold, drift }) => [goodsId, sold, drift])
    assert.deepEqual(drifts, [
      [3, 2, 0],
      [7, 1, 0],
      [9, 0, -4],
    ])
  })

  for (const taken of [true, false]) {
    it(`sees no drift of the stock in what is in doubt and ${taken ? 'was' : 'was not'} taken`, async () => {
      await takeBaseline()
      const orderSn = taken ? await shop.sold(LINES) : await shop.opened(LINES)
      await shop.damageOrder(orderSn, { status: 'IN_DOUBT', stock_state: 'in_doubt' })
      const { findings, equations } = await reconcile(shop.parts())
      assert.deepEqual(
        findings.map(({ kind }) => kind),
        ['in-doubt'],
      )
      assertEquationsHold(equations)
    })
  }

  it('takes no baseline of goods that orders are moving', async () => {
    const moving = await shop.sold(LINES)
    const { baselines, moving: left } = await readBaseline(shop.parts(), [9])
    assert.deepEqual(left, [3, 7])
    assert.deepEqual(baselines, [{ goodsId: 9, pieces: 10_000 }])
    await shop.confirm(moving, LINES)
    const again = await readBaseline(shop.parts(), [9])
    assert.deepEqual(again, { baselines: [3, 7, 9].map((goodsId) => ({ goodsId, pieces: 10_000 })), moving: [] })
  })

  it('takes no baseline of goods whose stock an order changed between two readings of the store that it is in neither of', async () => {
    const parts = shop.parts()
    const lines = [{ goodsId: 3, num: 2 }]
    let looks = 0
    const stockOf = async (goodsId: number) => {
      if (goodsId !== 3 || looks++ > 0) return await parts.stockOf(goodsId)
      const orderSn = await shop.sold(lines)
      const stock = await parts.stockOf(goodsId)
      await shop.giveBack(orderSn, lines)
      return stock
    }
    const { baselines, moving } = await readBaseline({ ...parts, stockOf }, [3, 9])
    assert.deepEqual({ baselines, moving }, { baselines: [{ goodsId: 9, pieces: 10_000 }], moving: [3] })
  })

  function assertEquationsHold(equations: Awaited<ReturnType<typeof reconcile>>['equations']) {
    for (const { goodsId, ledger, sold, onTheWay, unexplained, stock, baseline, drift } of equations) {
      assert.equal(ledger, sold + onTheWay + unexplained, `the ledger of goods ${goodsId}`)
      if (baseline !== undefined)
        assert.equal(Number(stock) + Number(ledger), baseline + Number(drift), `the stock of goods ${goodsId}`)
    }
  }
})
