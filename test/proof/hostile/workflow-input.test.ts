import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { doubledMember } from '../../../contracts/doubled-members.ts'
import { findTemporalCli } from '../../../dev/programs/temporal-cli.ts'
import { freshUser, orderOf } from '../../e2e/shop.ts'
import { StockEquation } from '../../e2e/stock.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { badOrders } from './hostile-json.ts'

const GOODS_ID = 47
const LINES = [{ goodsId: GOODS_ID, num: 1 }]
const MAX_BATCH_ORDERS = 100

/** Report of the Temporal CLI about a run that ended. */
interface Run {
  status: string
  result?: { state: string; refusal?: { type: string } }[]
  failure: string | undefined
}

describe('whatever is started through the Temporal CLI', () => {
  let stack: TestStack
  let equation: StockEquation
  let cli: string
  let dir: string

  before(async () => {
    stack = await testStack()
    cli = await findTemporalCli({ log: () => {} })
    dir = await tempDir()
    equation = await StockEquation.of(stack, [GOODS_ID])
  })

  /** Checks the stock, after waiting until no run is open: none is parked. */
  afterEach(() => equation.assertHolds())

  /** @param input JSON, of any size */
  async function execute(type: string, input: string): Promise<Run> {
    const file = join(dir, `${randomUUID()}.json`)
    await writeFile(file, input)
    const args = ['workflow', 'execute', '--type', type, '--task-queue', 'orders', '--workflow-id', `hostile-${randomUUID()}`]
    const out = await new Promise<string>((resolve, reject) => {
      execFile(
        cli,
        [...args, '--input-file', file, '--output', 'json'],
        { env: stack.env, maxBuffer: 2 ** 24 },
        (_, stdout, stderr) =>
          stdout ? resolve(stdout) : reject(new Error(`the CLI ended without a word about the run: ${stderr}`)),
      )
    })
    const { status, result, closeEvent } = JSON.parse(out)
    const failed = closeEvent?.workflowExecutionFailedEventAttributes?.failure
    return { status, result, failure: failed?.applicationFailureInfo?.type }
  }

  it('as one of a batch: each order with a bad field is refused, and costs no step', async () => {
    const all = badOrders({ ...orderOf(freshUser(), LINES), post: '', requestId: 'key' })
    // One JSON that says anything twice is refused whole: nobody knows what it says.
    const bad = all.filter(([, order]) => doubledMember(order) === undefined)
    const [, twice] = all.find(([, order]) => doubledMember(order) !== undefined) ?? []
    const { status, failure } = await execute('createOrders', `[${JSON.stringify(orderOf(freshUser(), LINES))},${twice}]`)
    assert.deepEqual([status, failure], ['FAILED', 'InvalidInput'])
    for (let i = 0; i < bad.length; i += MAX_BATCH_ORDERS) {
      const batch = bad.slice(i, i + MAX_BATCH_ORDERS)
      const run = await execute('createOrders', `[${batch.map(([, order]) => order).join()}]`)
      assert.equal(run.status, 'COMPLETED', JSON.stringify(run))
      for (const [at, [why]] of batch.entries()) {
        const { state, refusal } = run.result?.[at] ?? {}
        assert.deepEqual([state, refusal?.type], ['refused', 'InvalidInput'], why)
      }
    }
  })

  for (const [type, inputs] of Object.entries({
    createOrder: [
      'null',
      '[]',
      '"order"',
      '1e400',
      '{"userId":-1}',
      '{"__proto__":{"userId":1}}',
      `{"lines":[${'{},'.repeat(50_000)}{}]}`,
    ],
    createOrders: ['null', '{}', '[]', '"orders"', '{"length":1}', `[${'{},'.repeat(100)}{}]`],
    settleOrder: [
      'null',
      '""',
      '1',
      '{}',
      '["AAAAAAAAAAAAAAAA"]',
      '"\\u0000"',
      '"\\ud800"',
      '"\' OR 1=1 --"',
      `"${'A'.repeat(1_000_000)}"`,
    ],
  })) {
    it(`as the input of ${type}: fails with InvalidInput`, async () => {
      for (const input of inputs) {
        const { status, failure } = await execute(type, input)
        assert.deepEqual([status, failure], ['FAILED', 'InvalidInput'], input.slice(0, 100))
      }
    })
  }

  it('as the input of runs that take none: changes nothing', async () => {
    for (const type of ['sweepOrders', 'reconcileStock', 'deliverEvents']) {
      assert.equal((await execute(type, '{"orderSn":"AAAAAAAAAAAAAAAA"}')).status, 'COMPLETED', type)
    }
  })

  it('as a batch of one user, twice the same among them: at most one order for each key', async () => {
    const userId = freshUser()
    const order = (requestId: string, num = 1) => JSON.stringify({ ...orderOf(userId, [{ goodsId: GOODS_ID, num }]), requestId })
    const { status, result } = await execute('createOrders', `[${[order('a'), order('a'), order('a', 2), order('b')].join()}]`)
    assert.equal(status, 'COMPLETED')
    assert.equal(result?.length, 4)
    await equation.settled()
    const rows = await stack.db.selectFrom('orders').select(['request_id', 'status']).where('user_id', '=', userId).execute()
    assert.deepEqual(rows.map(({ request_id }) => request_id).sort(), ['a', 'b'])
    for (const { status: end } of rows) assert.match(end, /^(PAYING|TRADE_CLOSED)$/)
  })
})
