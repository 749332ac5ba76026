import assert from 'node:assert/strict'
import fc from 'fast-check'
import { proposeVerdicts } from '../../reconciliation/propose-verdicts.ts'
import type { Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { orderStore } from '../../store/order-store.ts'
import { type ReconciliationStore, reconciliationStore } from '../../store/reconciliation-store.ts'
import { resolveInDoubt } from '../../store/resolve-in-doubt.ts'
import { connectTestDatabase } from '../support/postgres.ts'
import { recordAnswer } from '../support/record-answer.ts'
import { bring, DoubtfulWorld, STOCK } from './doubtful-world.ts'

/** More histories, and others, by hand: `RUNS=2000 SEED=7 npx mocha test/reconciliation/propose-verdicts.test.ts`. */
const RUNS = Number(process.env.RUNS ?? 40)
const SEED = Number(process.env.SEED ?? 20_261_130)

const LINE = fc.record({ goodsId: fc.integer({ min: 0, max: 2 }), num: fc.integer({ min: 1, max: 2 }) })
const HISTORY = fc.record({
  wanted: fc.array(fc.array(LINE, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 6 }),
  before: fc.array(fc.nat({ max: 10_000 }), { size: 'max', minLength: 20, maxLength: 60 }),
  /** Steps around each question of a look. */
  meanwhile: fc.array(fc.array(fc.nat({ max: 10_000 }), { maxLength: 2 }), { size: 'max', maxLength: 30 }),
})

const TWO = [{ goodsId: 0, num: 2 }]

describe('verdicts that the stock proposes', function () {
  if (process.env.RUNS) this.timeout(0)
  let db: Database
  let store: ReconciliationStore

  before(async () => {
    db = await connectTestDatabase({ max: 10 })
    await migrate(db)
    store = reconciliationStore(db)
  })
  after(() => db.destroy())

  describe('about one order', () => {
    it('say what is missing of its goods, and nothing before its call is past', async () => {
      for (const [isHeld, verdict] of [
        [true, 'sold'],
        [false, 'notSold'],
      ] as const) {
        const world = await DoubtfulWorld.open(db, [TWO])
        await bring(world, 0, isHeld ? [0, 0, 0, 2] : [0, 0, 2, 2])
        assert.deepEqual(await reasonsOf(world), { 0: 'young' })
        await bring(world, 0, [1])
        const { proposed } = await proposeVerdicts(depsOf(world))
        const [goodsId] = world.stock.keys()
        const { orderSn } = world.orders[0] ?? assert.fail()
        const missing = isHeld ? 2 : 0
        assert.deepEqual(
          proposed.map(({ version: _, ...rest }) => rest),
          [
            {
              ...{ orderSn, effect: 'Sell', verdict },
              evidence: [{ goodsId, baseline: STOCK, stock: STOCK - missing, sold: 0, missing, inDoubt: [{ orderSn, num: 2 }] }],
            },
          ],
        )
        await settle(world)
      }
    })

    it('say nothing while another order sells its goods, or gives them back', async () => {
      const world = await DoubtfulWorld.open(db, [TWO, TWO])
      await bring(world, 0, [0, 0, 2, 2, 1]) // ripe, and not sold
      await bring(world, 1, [0, 0, 0]) // sold, and not recorded so
      assert.deepEqual(await reasonsOf(world), { 0: 'in-flight' })
      await bring(world, 1, [3, 0, 0]) // recorded; closed; its Reback is sent
      assert.deepEqual(await reasonsOf(world), { 0: 'in-flight' })
      await bring(world, 1, [3]) // recorded
      assert.deepEqual(await reasonsOf(world), { 0: 'notSold' })
      await settle(world)
    })

    it('count no order that sold and gave back between two readings of the store', async () => {
      const world = await DoubtfulWorld.open(db, [TWO, TWO])
      await bring(world, 0, [0, 0, 2, 2, 1])
      let asked = 0
      const found = await proposeVerdicts(
        {
          ...depsOf(world),
          async stockOf(goodsId) {
            if (asked++ > 0) return world.stock.get(goodsId) ?? 0
            await bring(world, 1, [0, 0, 0])
            const stock = world.stock.get(goodsId) ?? 0
            await bring(world, 1, [3, 0, 0, 3])
            assert.equal(world.orders[1]?.at, 'done')
            return stock
          },
        },
        new Set(),
        { lookAgainMs: 0 },
      )
      assert.equal(found.proposed[0]?.verdict, 'notSold', JSON.stringify(found))
      assert.equal(asked, 2)
      await settle(world)
    })

    it('are not drawn from a look during which an order moved that is as it was behind it', async () => {
      const world = await DoubtfulWorld.open(db, [TWO, TWO])
      await bring(world, 0, [0, 0, 2, 2, 1])
      await bring(world, 1, [0, 0, 0, 3, 0, 0, 3]) // sold, recorded, closed, given back, recorded
      assert.equal(world.orders[1]?.at, 'done')
      const { orderSn } = world.orders[1]
      let asked = 0
      const stockOf = async (goodsId: number) => {
        if (asked++ === 0) {
          await store.oweReback({ orderSn, by: 'a test', why: 'x' })
          await orderStore(db).markSent(orderSn, 'Reback')
          await recordAnswer(orderStore(db), orderSn, 'Reback', true)
        }
        return world.stock.get(goodsId) ?? 0
      }
      const { proposed } = await proposeVerdicts({ ...depsOf(world), stockOf }, new Set(), { lookAgainMs: 0 })
      assert.equal(proposed[0]?.verdict, 'notSold')
      assert.equal(asked, 2)
      await settle(world)
    })

    it('say why there is none: no baseline, another finding, a ledger, an inventory that does not answer, goods that somebody moved', async () => {
      const world = await DoubtfulWorld.open(db, [TWO])
      await bring(world, 0, [0, 0, 2, 2, 1])
      const deps = depsOf(world)
      const [goodsId = 0] = world.stock.keys()
      const reason = async (found: ReturnType<typeof proposeVerdicts>) => (await found).undecided[0]?.why
      assert.equal(await reason(proposeVerdicts(deps, new Set([goodsId]))), 'other-finding')
      const away = async () => {
        throw new Error('away')
      }
      assert.equal(await reason(proposeVerdicts({ ...deps, stockOf: away })), 'unaskable')
      const ledger = { salesAfter: async () => [], sale: async () => ({ state: 'NONE' as const, lines: [] }) }
      assert.equal(await reason(proposeVerdicts({ ...deps, ledger })), 'keeps-ledger')
      world.stock.set(goodsId, STOCK - 1)
      assert.equal(await reason(proposeVerdicts(deps)), 'moved')
      await db.deleteFrom('stock_baselines').where('goods_id', '=', goodsId).execute()
      assert.equal(await reason(proposeVerdicts(deps)), 'no-baseline')
      await settle(world)
    })

    it('are none if any of two orders may be the one, until it is known of the other', async () => {
      const world = await DoubtfulWorld.open(db, [TWO, TWO])
      await bring(world, 0, [0, 0, 0, 2, 1])
      await bring(world, 1, [0, 0, 2, 2, 1])
      assert.deepEqual(await reasonsOf(world), { 0: 'ambiguous', 1: 'ambiguous' })
      await resolve(world.orders[1]?.orderSn ?? '', false)
      assert.deepEqual(await reasonsOf(world), { 0: 'sold' })
      await settle(world)
    })

    it('are carried out only while the order is as it was found', async () => {
      const world = await DoubtfulWorld.open(db, [TWO])
      await bring(world, 0, [0, 0, 0, 2, 1])
      const { proposed } = await proposeVerdicts(depsOf(world))
      const { orderSn, version } = proposed[0] ?? assert.fail()
      await resolve(orderSn, true)
      await orderStore(db).markSent(orderSn, 'Reback')
      await orderStore(db).doubtReback(orderSn)
      assert.equal(await resolveInDoubt(db, { orderSn, verdict: 'sold', by: 'a test', why: 'x', version }), undefined)
      await settle(world)
    })
  })

  it('are right, whatever is in flight and whatever moves while the stock is looked at; at rest only what is ambiguous has none', async () => {
    const seen = { proposed: 0, early: 0, ambiguous: 0 }
    await fc.assert(
      fc.asyncProperty(HISTORY, async ({ wanted, before, meanwhile }) => {
        const world = await DoubtfulWorld.open(db, wanted)
        for (const step of before) await world.step(step)
        const restless = await look(world, [...meanwhile])
        seen.early += restless.proposed
        await world.comeToRest()
        const { proposed, undecided } = await look(world, [])
        seen.proposed += proposed
        seen.ambiguous += undecided.length
        assert.deepEqual(new Set(undecided.map(({ why }) => why)), new Set(undecided.length > 0 ? ['ambiguous'] : []))
        for (const { orderSn, isHeld, at } of world.orders) {
          if (at === 'doubt') await resolve(orderSn, isHeld)
        }
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    )
    console.log(`      ${JSON.stringify(seen)}`)
    assert.ok(seen.proposed > 0 && seen.early > 0, 'the histories did not come to doubts that can be decided')
  })

  /** Has verdicts proposed while the world goes on, holds each against the truth, and carries them out. */
  async function look(world: DoubtfulWorld, meanwhile: number[][]) {
    // One step after the other: the stock of several goods is asked for at once.
    let last = Promise.resolve()
    const goOn = () => {
      last = last.then(async () => {
        for (const step of meanwhile.shift() ?? []) await world.step(step)
      })
      return last
    }
    const found = await proposeVerdicts(
      {
        store: {
          async readDoubts() {
            await goOn()
            const reading = await store.readDoubts()
            await goOn()
            return reading
          },
        },
        async stockOf(goodsId) {
          await goOn()
          const stock = world.stock.get(goodsId)
          assert.ok(stock !== undefined, `goods ${goodsId} are of another world`)
          await goOn()
          return stock
        },
      },
      new Set(),
      { lookAgainMs: 0 },
    )
    for (const { orderSn, verdict, version } of found.proposed) {
      const order = world.orders.find((one) => one.orderSn === orderSn)
      assert.ok(order, `${orderSn} is of another world`)
      assert.equal(verdict, order.isHeld ? 'sold' : 'notSold', `${orderSn}: ${JSON.stringify(found)}`)
      assert.equal(order.pending, undefined, `${orderSn} may still be applied`)
      await resolve(orderSn, order.isHeld, version)
      order.at = order.isHeld ? 'returning' : 'done'
      delete order.isRipe
    }
    return { proposed: found.proposed.length, undecided: found.undecided }
  }

  function depsOf(world: DoubtfulWorld) {
    return { store, stockOf: async (goodsId: number) => world.stock.get(goodsId) ?? assert.fail('goods of another world') }
  }

  /** Verdict of each order in doubt, or why there is none. */
  async function reasonsOf(world: DoubtfulWorld): Promise<Record<number, string>> {
    const { proposed, undecided } = await proposeVerdicts(depsOf(world), new Set(), { lookAgainMs: 0 })
    const said = [
      ...proposed.map(({ orderSn, verdict }) => [orderSn, verdict]),
      ...undecided.map(({ orderSn, why }) => [orderSn, why]),
    ]
    return Object.fromEntries(
      said.map(([orderSn, word = '']) => [world.orders.findIndex((one) => one.orderSn === orderSn), word]),
    )
  }

  /** Settles what is in doubt, so that the next world is alone. */
  async function settle(world: DoubtfulWorld): Promise<void> {
    for (const { orderSn } of world.orders) await resolveInDoubt(db, { orderSn, verdict: 'notSold', by: 'a test', why: 'x' })
  }

  async function resolve(orderSn: string, isHeld: boolean, version?: string) {
    const verdict = isHeld ? 'sold' : 'notSold'
    const resolution = { orderSn, verdict, by: 'a test', why: 'x', ...(version !== undefined && { version }) } as const
    assert.ok(await resolveInDoubt(db, resolution), `${orderSn} is not in doubt as it was found`)
  }
})
