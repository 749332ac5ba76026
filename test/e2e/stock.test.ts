import { randomUUID } from 'node:crypto'
import { WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { testStack } from '../support/stack.ts'
import { orderOf } from './shop.ts'
import { StockEquation } from './stock.ts'

describe('the equation of stock and orders', () => {
  it('waits for no run that another test left open', async () => {
    const stack = await testStack()
    const left = await stack.client.workflow.start(WORKFLOW_TYPES.createOrder, {
      workflowId: `left-${randomUUID()}`,
      taskQueue: 'nobody-polls-it',
      args: [orderOf(1, [{ goodsId: 11, num: 1 }])],
    })
    try {
      const equation = await StockEquation.of(stack, [12])
      await equation.assertHolds()
    } finally {
      await left.terminate('the test is over')
    }
  })
})
