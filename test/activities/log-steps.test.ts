import assert from 'node:assert/strict'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { logSteps } from '../../activities/log-steps.ts'
import { failureOf } from '../../contracts/application-failure.ts'
import { type FailureType, failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'

const REQUEST = { userId: 7, requestId: 'r', address: '7 Lantern Wharf', name: 'Philippa Quillfeather', mobile: '80131' }
const ORDER_SN = orderSnOf(REQUEST)
const LINES = [{ goodsId: 1, num: 2 }]

describe('the log of steps', () => {
  for (const [step, ...args] of [
    ['openOrder', REQUEST],
    ['getUser', 7, ORDER_SN],
    ['batchGetGoods', [1], ORDER_SN],
    ['sell', { orderSn: ORDER_SN, lines: LINES }],
    ['confirmOrder', { orderSn: ORDER_SN, lines: LINES }],
    ['voidOrder', { request: REQUEST, refusal: failure('OrderClosed', '') }],
    ['voidOrder', { orderSn: ORDER_SN, refusal: failure('OrderClosed', '') }],
    ['reback', { orderSn: ORDER_SN, lines: LINES }],
  ] as [string, ...unknown[]][]) {
    it(`logs ${step} with order, run and attempt, and no person`, async () => {
      const [one, ...more] = await told(step, args)
      const { level = '', line = {} as Record<string, unknown> } = one ?? {}
      assert.deepEqual([level, line.step, line.orderSn, line.attempt], ['info', step, ORDER_SN, 2])
      assert.deepEqual([line.workflowId, line.runId], ['create-order/7/r', 'run-1'])
      assert.doesNotMatch(JSON.stringify(line), /Lantern|Philippa|80131/)
      assert.deepEqual(more, [])
    })
  }

  it('logs a step of the lane once, with the number of its orders', async () => {
    const sale = { orderSn: ORDER_SN, lines: LINES }
    const lines = await told('sellOrders', [[sale, sale, sale]])
    assert.deepEqual(
      lines.map(({ line }) => [line.step, line.orders, line.orderSn]),
      [['sellOrders', 3, undefined]],
    )
  })

  for (const [type, level, message] of [
    ['InsufficientStock', 'info', 'sell refused'],
    ['ServiceUnavailable', 'warn', 'sell failed'],
    ['InternalError', 'warn', 'sell failed'],
  ] as [FailureType, string, string][]) {
    it(`logs ${type} as ${level}`, async () => {
      const [one] = await told('sell', [{ orderSn: ORDER_SN, lines: LINES }], failureOf(failure(type, 'so it is')))
      assert.deepEqual([one?.level, one?.message, one?.line.failure], [level, message, type])
    })
  }

  it('logs an error that is none of our failures as one of ours', async () => {
    const [one] = await told('sell', [{ orderSn: ORDER_SN, lines: LINES }], new TypeError('a defect'))
    assert.deepEqual([one?.level, one?.line.failure], ['warn', 'InternalError'])
  })
})

interface Told {
  level: string
  line: Record<string, unknown>
  message: string
}

/** Runs one attempt at a step, which ends well or with the error, and returns what it logged. */
async function told(step: string, args: unknown[], error?: Error): Promise<Told[]> {
  const lines: Told[] = []
  const write = (level: string) => (line: object, message: string) => {
    lines.push({ level, line: { ...line }, message })
  }
  const log = { info: write('info'), warn: write('warn') } as unknown as Parameters<typeof logSteps>[0]
  const environment = new MockActivityEnvironment(
    { activityType: step, attempt: 2, workflowExecution: { workflowId: 'create-order/7/r', runId: 'run-1' } },
    { interceptors: [logSteps(log)], logger: new DefaultLogger('ERROR', () => {}) },
  )
  const run = environment.run(
    async () => {
      if (error) throw error
    },
    ...(args as []),
  )
  await run.catch((thrown) => assert.equal(thrown, error))
  return lines
}
