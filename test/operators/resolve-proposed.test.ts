import assert from 'node:assert/strict'
import { carryOut } from '../../operators/carry-out.ts'
import { createProgram } from '../../operators/program.ts'
import type { Outcome } from '../../operators/verb.ts'
import { reconcile } from '../../reconciliation/reconcile.ts'
import { settleProposed } from '../../reconciliation/settle-proposed.ts'
import { readAudit } from '../../store/audit.ts'
import { bring, DoubtfulWorld } from '../reconciliation/doubtful-world.ts'
import { Shop } from '../reconciliation/shop.ts'
import { operatorDeps } from './operator-deps.ts'

const TWO = [{ goodsId: 0, num: 2 }]
const OTHER = [{ goodsId: 1, num: 1 }]

describe('orders in doubt that their stock decides', () => {
  let shop: Shop
  let world: DoubtfulWorld

  beforeEach(async () => {
    shop = await Shop.open()
    // The first was sold, the second was not; of the last two either may be the one.
    world = await DoubtfulWorld.open(shop.db, [TWO, [{ goodsId: 2, num: 3 }], OTHER, OTHER])
    await bring(world, 0, [0, 0, 0, 2, 1])
    await bring(world, 1, [0, 0, 2, 2, 1])
    await bring(world, 2, [0, 0, 0, 2, 1])
    await bring(world, 3, [0, 0, 2, 2, 1])
  })
  afterEach(() => shop.close())

  it('are shown with their evidence and left alone, until an operator applies what is proposed', async () => {
    const { text, well } = await orders('resolve', '--proposed')
    assert.equal(well, false)
    const [goodsId] = world.stock.keys()
    assert.match(
      text,
      new RegExp(`${numberOf(0)} +Sell +sold +would be closed, and its stock given back +goods ${goodsId}: baseline 1000 - `),
    )
    assert.match(text, new RegExp(`stock 998 - sold 0 = 2, in doubt 2 of ${numberOf(0)}`))
    assert.match(text, new RegExp(`${numberOf(1)} +Sell +not sold +would be closed, and owe nothing`))
    assert.match(text, new RegExp(`undecided\n[^]*${numberOf(2)} +Sell +\\d+ +more than one choice`))
    assert.match(text, /--apply settles them so$/)
    assert.deepEqual(await states(), ['in_doubt', 'in_doubt', 'in_doubt', 'in_doubt'])

    const applied = await orders('resolve', '--proposed', '--apply', '--by', 'Ada', '--why', 'after the outage')
    assert.match(applied.text, new RegExp(`${numberOf(0)} +Sell +sold +closed, its stock is being given back`))
    assert.deepEqual(await states(), ['returning', 'none', 'in_doubt', 'in_doubt'])
    const last = (await readAudit(shop.db, numberOf(0))).at(-1)
    assert.deepEqual([last?.verb, last?.by], ['resolve', 'Ada'])
    assert.match(last?.why ?? '', /^sold: after the outage: goods \d+: baseline 1000 - stock 998 - sold 0 = 2, in doubt 2 of /)
  })

  it('are settled one at a time if one is named, which has to be in doubt', async () => {
    const { text, well } = await orders('resolve', numberOf(1), '--proposed', '--apply')
    assert.equal(well, true)
    assert.doesNotMatch(text, new RegExp(numberOf(0)))
    assert.deepEqual(await states(), ['in_doubt', 'none', 'in_doubt', 'in_doubt'])
    await assert.rejects(orders('resolve', numberOf(1), '--proposed'), /is not in doubt \(TRADE_CLOSED, stock none\)/)
  })

  it('are named by reconcile, each with what its stock says or why that says nothing', async () => {
    const { findings, doubts } = await reconcile(parts().reconciliation)
    const advice = (i: number) => findings.find(({ orderSn }) => orderSn === numberOf(i))?.advice
    assert.match(advice(0) ?? '', /^the stock says that they are sold: resolve \w+ --proposed/)
    assert.match(advice(1) ?? '', /^the stock says that they are not sold/)
    assert.match(advice(2) ?? '', /^more than one choice .* \(goods \d+\): find out .* resolve \w+ --sold or --not-sold$/)
    assert.deepEqual(doubts, { proposed: 2, undecided: { ambiguous: 2 } })
    assert.match((await orders('reconcile')).text, /the stock says what became of 2 in doubt: resolve --proposed/)
  })

  it('are settled by the comparison itself under RESOLVE_PROPOSED=auto, and by nobody otherwise', async () => {
    await reconcile(parts().reconciliation)
    assert.deepEqual(await states(), ['in_doubt', 'in_doubt', 'in_doubt', 'in_doubt'])
    const { doubts } = await settleProposed(parts().reconciliation, shop.orders.resolveInDoubt)
    assert.deepEqual(doubts, { proposed: 0, undecided: { ambiguous: 2 } })
    assert.deepEqual(await states(), ['returning', 'none', 'in_doubt', 'in_doubt'])
    const last = (await readAudit(shop.db, numberOf(1))).at(-1)
    assert.equal(last?.by, 'reconciliation')
    assert.match(last?.why ?? '', /^notSold: RESOLVE_PROPOSED=auto: goods /)
  })

  function numberOf(order: number): string {
    return world.orders[order]?.orderSn ?? assert.fail()
  }

  async function states() {
    return await Promise.all(world.orders.map(async ({ orderSn }) => (await shop.orders.getOrder(orderSn))?.stockState))
  }

  function parts() {
    const deps = operatorDeps(shop)
    const stockOf = async (goodsId: number) => world.stock.get(goodsId) ?? assert.fail('goods of another world')
    return { ...deps, reconciliation: { ...shop.parts(false), stockOf } }
  }

  /** Runs one verb of `npm run orders`. @returns what it prints */
  async function orders(...args: string[]): Promise<Outcome> {
    let outcome: Outcome | undefined
    await createProgram(
      async (asked) => await carryOut(parts(), asked),
      (shown) => {
        outcome = shown
      },
    ).parseAsync(args, { from: 'user' })
    return outcome ?? assert.fail()
  }
})
