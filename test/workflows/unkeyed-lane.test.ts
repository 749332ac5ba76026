import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CreateOrderResult, createOrderWorkflowId, type OrderRequest } from '../../contracts/create-order.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { readAudit } from '../../store/audit.ts'
import { LATE_MS, UnkeyedShop } from '../support/unkeyed-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

const GOODS = [41, 42]
const STOCK = 1_000
const CUSTOMER = { address: '1 Harbour Street', name: 'A. Customer', mobile: '10000000000' }

type Start = Parameters<Parameters<typeof withWorker>[2]>[0]

describe('orders of the lane whose inventory has no keys', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>
  let shop: UnkeyedShop
  let users = 0

  before(async () => {
    parts = await connectParts()
    shop = await UnkeyedShop.open()
  })

  beforeEach(async () => {
    shop.faults = []
    shop.crashes = []
    for (const goodsId of GOODS) await shop.stock.setStock(goodsId, STOCK)
  })

  after(async () => {
    await shop.stop()
    await parts.close()
  })

  it('are created together, each with a Sell of its own, of the same goods in turn', async () => {
    await withWorker(parts, shop.activities(), async (start) => {
      const { calls } = shop
      const requests = Array.from({ length: 30 }, () => asked(1))
      const ends = await runTogether(start, requests)
      assert.deepEqual(
        ends.map((end) => ('result' in end ? end.result.status : end.refused?.type)),
        requests.map(() => 'PAYING'),
      )
      assert.equal(await shop.stock.stock(41), STOCK - 30)
      assert.equal(shop.calls, calls + 30)
    })
  })

  it('are created by another round after answers that prove that nothing was applied', async () => {
    await withWorker(parts, shop.activities(), async (start) => {
      shop.faults = ['busy', 'conflict', undefined, 'notRead']
      const { calls } = shop
      const requests = [1, 2, 3].map((num) => asked(num))
      const end = await outcome<BatchOutcome[]>(await start('createOrders', requests))
      assert.deepEqual(
        'result' in end && end.result.map(({ state }) => state),
        requests.map(() => 'confirmed'),
      )
      assert.equal(await shop.stock.stock(41), STOCK - 6)
      assert.equal(shop.calls, calls + 6)
    })
  })

  it('are refused if stock is short, owe nothing, and hold up nobody', async () => {
    await withWorker(parts, shop.activities(), async (start) => {
      await shop.stock.setStock(42, 4)
      const requests = [asked(4), asked(5)]
      const end = await outcome<BatchOutcome[]>(await start('createOrders', requests))
      const told = 'result' in end ? end.result.map((one) => (one.state === 'refused' ? one.refusal.type : one.state)) : []
      assert.deepEqual(told, ['confirmed', 'InsufficientStock'])
      assert.deepEqual(await stateOf(requests[1] as OrderRequest), ['TRADE_CLOSED', 'none'])
    })
  })

  for (const fault of ['commitApplied', 'late'] as const) {
    it(`are in doubt after a Sell whose answer proves nothing (${fault}), and their neighbours are created`, async () => {
      await withWorker(parts, shop.activities(), async (start) => {
        shop.faults = [fault]
        const { calls } = shop
        const requests = [asked(1), asked(2)]
        const end = await outcome<BatchOutcome[]>(await start('createOrders', requests))
        const told = 'result' in end ? end.result.map((one) => (one.state === 'refused' ? one.refusal.type : one.state)) : []
        assert.deepEqual(told.toSorted(), ['OrderInDoubt', 'confirmed'])
        assert.equal(shop.calls, calls + 2)
        const doubtful = requests[told.indexOf('OrderInDoubt')] as OrderRequest
        assert.deepEqual(await stateOf(doubtful), ['IN_DOUBT', 'in_doubt'])
        const trail = await readAudit(shop.db, orderSnOf(doubtful))
        assert.match(trail[0]?.why ?? '', /inventory\/Sell answered/)
        await sleep(LATE_MS)
      })
    })
  }

  it('of a batch whose worker died behind the mark are in doubt, and of one that died before it are created by runs of their own', async () => {
    for (const [crash, types] of [
      ['before', ['PAYING', 'PAYING']],
      ['after', ['OrderInDoubt', 'OrderInDoubt']],
    ] as const) {
      await withWorker(parts, shop.activities(), async (start) => {
        shop.crashes = [crash]
        const { calls } = shop
        const ends = await runTogether(start, [asked(1), asked(1)])
        assert.deepEqual(
          ends.map((end) => ('result' in end ? end.result.status : end.refused?.type)),
          types,
        )
        assert.equal(shop.calls, calls + (crash === 'before' ? 2 : 0))
      })
    }
  })

  /** One batch, and the runs to which it hands over. */
  async function runTogether(start: Start, requests: readonly OrderRequest[]) {
    const end = await outcome<BatchOutcome[]>(await start('createOrders', requests))
    assert.ok('result' in end)
    return await Promise.all(
      requests.map(async (request, i): Promise<Awaited<ReturnType<typeof outcome<CreateOrderResult>>>> => {
        const told = end.result[i]
        if (told?.state === 'confirmed') return { result: told.order }
        if (told?.state === 'refused') return { refused: told.refusal, status: 'refused' }
        return await outcome<CreateOrderResult>(parts.client.workflow.getHandle(createOrderWorkflowId(orderSnOf(request))))
      }),
    )
  }

  function asked(num: number): OrderRequest {
    const userId = (users++ % 400) + 1
    return { userId, requestId: randomUUID(), ...CUSTOMER, lines: GOODS.map((goodsId) => ({ goodsId, num })) }
  }

  async function stateOf(request: OrderRequest) {
    const order = await shop.store.getOrder(orderSnOf(request))
    return [order?.status, order?.stockState]
  }
})
