import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { effectPermit } from '../../activities/effect-permit.ts'
import type { Activities } from '../../contracts/activities.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import { failure } from '../../contracts/failures.ts'
import { type Line, type OrderSn, parseOrderSn } from '../../contracts/order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { inventory } from '../../contracts/participants/inventory.ts'
import type { OneParticipant } from '../../contracts/participants/list.ts'
import { type Parts, startParts } from './parts.ts'

const WHY = failure('OrderCancelled', 'for a test')
const GOODS = 41
const NOBODYS = parseOrderSn('AAAAAAAAAAAAAAAA')
const LINES: Line[] = [{ goodsId: GOODS, num: 2 }]
const OTHERS: Line[][] = [[], [{ goodsId: GOODS, num: 7 }], [{ goodsId: 42, num: 2 }], [...LINES, { goodsId: 42, num: 1 }]]

describe('an effect on a participant that only some orders ask', () => {
  it('is sent for an order that asked it, and for no other', () => {
    const asked = { ...inventory, asks: () => undefined } as OneParticipant
    const sale = { orderSn: NOBODYS, lines: LINES }
    const state = { status: 'CREATING', stockState: 'selling', keyed: true } as const
    const judged = (held: Record<string, object>) =>
      effectPermit(asked, 'do', sale, { ...sale, ...state, userId: 7, owed: [], held })
    assert.equal(judged({ inventory: {} }), 'send')
    assert.throws(() => judged({ another: {} }), /asks for Sell: \w+ does not/)
  })
})

for (const mode of ['keyed', 'unkeyed'] as const) {
  describe(`an effect that nobody's workflow asks for (INVENTORY_MODE=${mode})`, () => {
    let parts: Parts
    let activities: Activities
    let users = 0
    let stock: number

    before(async () => {
      parts = await startParts()
      activities = parts.activities(mode === 'unkeyed' ? { unkeyed: parts.orders } : {})
    })
    after(() => parts.stop())
    beforeEach(async () => {
      stock = await parts.stock.stock(GOODS)
    })

    it('is heard of as soon as it leaves a refused order closed and owing nothing: not before, and once', async () => {
      const heard: string[] = []
      const batch = parts.activities({
        ...(mode === 'unkeyed' && { unkeyed: parts.orders }),
        onRefused: ({ orderSn, refusal }, workflowId) => heard.push(`${orderSn} ${refusal.type} ${workflowId}`),
      })
      const [unsold, sold, stands] = [await opened(), await opened(), await confirmed()]
      await activities.sell({ orderSn: sold, lines: LINES })
      const intents = [unsold, sold, stands].map((orderSn) => ({ orderSn, refusal: WHY }))
      for (let times = 0; times < 2; times++) {
        const owing = (await batch.voidOrders(intents)).filter(({ rebackOwed }) => rebackOwed)
        // An inventory with keys may have sold whatever was opened.
        assert.deepEqual(
          owing.map(({ orderSn }) => orderSn),
          mode === 'keyed' ? [unsold, sold] : [sold],
        )
        assert.deepEqual(heard, mode === 'keyed' ? [] : [`${unsold} OrderCancelled a-test`])
      }
      const owed = mode === 'keyed' ? [unsold, sold] : [sold]
      assert.deepEqual((await batch.rebackOrders(owed.map((orderSn) => ({ orderSn, lines: LINES })))).sort(), owed.toSorted())
      // Without keys the lane gives nothing back: that one is heard of when its batch ends.
      const all = (mode === 'keyed' ? [unsold, sold] : [unsold]).map((orderSn) => `${orderSn} OrderCancelled a-test`)
      assert.deepEqual(heard.toSorted(), all.toSorted())
    })

    it('gives nothing back of an order that stands', async () => {
      const orderSn = await confirmed()
      await refused(activities.reback({ orderSn, lines: LINES }), 'InvalidInput')
      assert.deepEqual(await activities.rebackOrders([{ orderSn, lines: LINES }]), [])
      assert.deepEqual(await stateOf(orderSn), ['PAYING', 'sold', stock - 2])
    })

    it('gives nothing back of an order that is being made, and leaves it no tombstone', async () => {
      const orderSn = await opened()
      await refused(activities.reback({ orderSn, lines: LINES }), 'InvalidInput')
      assert.deepEqual(await activities.rebackOrders([{ orderSn, lines: LINES }]), [])
      await activities.sell({ orderSn, lines: LINES })
      await refused(activities.reback({ orderSn, lines: LINES }), 'InvalidInput')
      assert.equal((await stateOf(orderSn))[2], stock - 2)
    })

    it('gives nothing back of an order that there is not', async () => {
      await refused(activities.reback({ orderSn: NOBODYS, lines: LINES }), 'InvalidInput')
      assert.deepEqual(await activities.rebackOrders([{ orderSn: NOBODYS, lines: LINES }]), [])
      assert.equal(await parts.stock.stock(GOODS), stock)
    })

    it('gives back once what a closed order owes, whatever lines it is given', async () => {
      const orderSn = await opened()
      await activities.sell({ orderSn, lines: LINES })
      await activities.voidOrder({ orderSn, refusal: WHY })
      for (const lines of [...OTHERS, LINES]) await activities.reback({ orderSn, lines })
      assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'returned', stock])
    })

    it('sends no Reback for a closed order that owes none: one that was refused at once, one that has given back', async () => {
      const returned = await opened()
      const inProgress = asked()
      await activities.openOrder(inProgress)
      const refusedAtOnce = { ...asked(), userId: inProgress.userId }
      await refused(activities.openOrder(refusedAtOnce), 'OrderInProgress')
      await activities.sell({ orderSn: returned, lines: LINES })
      await activities.voidOrder({ orderSn: returned, refusal: WHY })
      await activities.reback({ orderSn: returned, lines: LINES })
      const rebacks = () => parts.batches.filter((batch) => batch.startsWith('inventory/Reback')).length
      const before = rebacks()
      for (const orderSn of [returned, orderSnOf(refusedAtOnce)]) {
        await activities.reback({ orderSn, lines: LINES })
        await activities.rebackOrders([{ orderSn, lines: LINES }])
      }
      assert.equal(rebacks(), before)
    })

    it('sells nothing for an order that is closed, or that there is not', async () => {
      const orderSn = await opened()
      await activities.voidOrder({ orderSn, refusal: WHY })
      for (const sn of [orderSn, NOBODYS]) {
        await refused(activities.sell({ orderSn: sn, lines: LINES }), 'OrderClosed')
        const [answer] = await activities.sellOrders([{ orderSn: sn, lines: LINES }])
        assert.ok(answer && !('done' in answer))
      }
      assert.equal(await parts.stock.stock(GOODS), stock)
    })

    it('sells no other lines than the order has', async () => {
      const orderSn = await opened()
      for (const lines of OTHERS) {
        await refused(activities.sell({ orderSn, lines }), 'InvalidInput')
        const [answer] = await activities.sellOrders([{ orderSn, lines }])
        assert.ok(answer && !('done' in answer))
      }
      assert.equal(await parts.stock.stock(GOODS), stock)
    })

    it('sells nothing again for an order that stands', async () => {
      const orderSn = await confirmed()
      await activities.sell({ orderSn, lines: LINES })
      assert.deepEqual(await stateOf(orderSn), ['PAYING', 'sold', stock - 2])
    })

    it('confirms no other lines than the order has', async () => {
      const orderSn = await opened()
      await activities.sell({ orderSn, lines: LINES })
      for (const lines of OTHERS) {
        await refused(activities.confirmOrder({ orderSn, lines: priced(lines) }), 'InvalidInput')
        assert.deepEqual(await activities.confirmOrders([{ orderSn, lines: priced(lines) }]), [null])
      }
      assert.equal((await stateOf(orderSn))[0], 'CREATING')
      assert.equal((await activities.confirmOrder({ orderSn, lines: priced(LINES) })).status, 'PAYING')
    })

    if (mode === 'unkeyed') {
      it('confirms nothing whose Sell was not answered', async () => {
        const orderSn = await opened()
        await refused(activities.confirmOrder({ orderSn, lines: priced(LINES) }), 'InvalidInput')
        assert.equal((await stateOf(orderSn))[0], 'CREATING')
      })
    }

    function asked() {
      const buyer = { address: '1 Harbour Street', name: 'A. Customer', mobile: '10000000000' }
      return { userId: ++users, requestId: randomUUID(), ...buyer, lines: LINES }
    }

    async function opened(): Promise<OrderSn> {
      const request = asked()
      await activities.openOrder(request)
      return orderSnOf(request)
    }

    async function confirmed(): Promise<OrderSn> {
      const orderSn = await opened()
      await activities.sell({ orderSn, lines: LINES })
      await activities.confirmOrder({ orderSn, lines: priced(LINES) })
      return orderSn
    }

    async function stateOf(orderSn: string) {
      const order = await parts.orders.getOrder(orderSn)
      return [order?.status, order?.stockState, await parts.stock.stock(GOODS)]
    }
  })
}

function priced(lines: readonly Line[]) {
  return lines.map((line) => ({ ...line, name: 'goods', image: '', price: { amount: 100, currency: 'CNY' } }))
}

async function refused(call: Promise<unknown>, type: string): Promise<void> {
  const failure = await call.then(
    () => 'done',
    (error: unknown) => failureIn(error)?.type ?? String(error),
  )
  assert.equal(failure, type)
}
