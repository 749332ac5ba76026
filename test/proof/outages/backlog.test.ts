import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type Answer, answerName, place } from '../../e2e/faults/place.ts'
import { until } from '../../e2e/faults/until.ts'
import { orderOf } from '../../e2e/shop.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { OutageShop } from './outage-shop.ts'

const LIMIT = 2
const GOODS_ID = 84

describe('a backlog of orders that nobody can settle', () => {
  let stack: TestStack
  let shop: OutageShop
  let nextUser = 9_000_000
  const order = () => ({ ...orderOf(nextUser++, [{ goodsId: GOODS_ID, num: 1 }]), requestId: randomUUID() })
  const placed = async (asked: ReturnType<typeof order>): Promise<Answer> => await place(shop.starter.url, asked)

  before(async () => {
    stack = await testStack()
    shop = await OutageShop.open(stack, 'lane', { INTAKE_MAX_UNSETTLED: String(LIMIT), HTTP_WAIT_MS: '500' })
  })

  it('closes the intake at its limit, for new orders alone, and opens it by itself when it is settled', async () => {
    const taken = [order(), order()]
    const turnedAway = order()
    await stack.stopPart('inventory')
    try {
      for (const one of taken) assert.equal((await placed(one)).kind, 'pending')
      await until('the backlog is seen', async () =>
        assert.match(await (await fetch(`${shop.starter.url}/metrics`)).text(), /^intake_closed\{reason="backlog"\} 1$/m),
      )
      assert.equal(answerName(await placed(turnedAway)), 'ServiceUnavailable')
      for (const one of taken) assert.equal((await placed(one)).kind, 'pending')
    } finally {
      await stack.startPart('inventory')
    }
    const rows = await stack.db.selectFrom('orders').select('user_id').where('user_id', '=', turnedAway.userId).execute()
    assert.deepEqual(rows, [], 'who was turned away has an order')
    await until('who was turned away is served', async () => assert.equal((await placed(turnedAway)).kind, 'created'))
  })

  it('is left by no test: a shop whose worker stops has no open run', async () => {
    await shop.begin('slow-goods')
    assert.equal((await placed(order())).kind, 'pending')
    await shop.stop()
    const { count } = await stack.client.workflow.count(`TaskQueue = '${shop.taskQueue}' AND ExecutionStatus = 'Running'`)
    assert.equal(count, 0)
  })
})
