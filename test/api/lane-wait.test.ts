import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { BUSY_LAG_MS } from '../../api/lane-intake.ts'
import { BURST_MS, LaneWait, STANDING_WAIT_MS } from '../../api/lane-wait.ts'
import { MAX_BATCH_LINES, MAX_BATCH_ORDERS } from '../../contracts/create-orders.ts'
import { type Batch, laneIntake as intake } from './lane-intake.ts'

const BATCH_MS = 1_000

describe('the wait for the lane', () => {
  it('is that of the batches before the own one: of the size that full ones had lately, 100 as long as none was full', () => {
    const wait = new LaneWait()
    assert.equal(wait.expectedMs(10 * MAX_BATCH_ORDERS), 0, 'nothing is known')
    wait.took(BATCH_MS, { orders: 3, isFull: false })
    assert.equal(wait.expectedMs(MAX_BATCH_ORDERS - 1), 0)
    assert.equal(wait.expectedMs(MAX_BATCH_ORDERS), 3 * BATCH_MS)
    wait.took(BATCH_MS, { orders: 10, isFull: true })
    assert.equal(wait.expectedMs(9), 0)
    assert.equal(wait.expectedMs(10), 3 * BATCH_MS)
    assert.equal(wait.expectedMs(35), 5 * BATCH_MS)
    for (let i = 0; i < 5; i++) wait.took(BATCH_MS, { orders: MAX_BATCH_ORDERS, isFull: true })
    assert.equal(wait.expectedMs(35), 0, 'what was long ago counts no more')
  })

  it('may be long for a burst, and is kept at a second once the queue has stood for a second, until it was worked off', () => {
    const wait = new LaneWait()
    wait.took(STANDING_WAIT_MS / 4, { orders: MAX_BATCH_ORDERS, isFull: true })
    const [long, short] = [10 * MAX_BATCH_ORDERS, 2 * MAX_BATCH_ORDERS]
    assert.equal(wait.isStanding(long, 0), false)
    assert.equal(wait.isStanding(long, BURST_MS), false)
    assert.equal(wait.isStanding(long, BURST_MS + 1), true)
    assert.equal(wait.isStanding(short, BURST_MS + 2), false, 'one that waits less than a second is taken')
    assert.equal(wait.isStanding(long, BURST_MS + 3), true, 'which begins no other burst')
    assert.equal(wait.isStanding(0, BURST_MS + 4), false)
    assert.equal(wait.isStanding(long, BURST_MS + 5), false, 'the next burst')
    assert.equal(wait.isStanding(short, BURST_MS * 3, STANDING_WAIT_MS / 2), true, 'it has waited for a process that was late')
  })

  it('is nothing for orders that leave with the next batch, however long batches take', () => {
    const wait = new LaneWait()
    wait.took(60 * STANDING_WAIT_MS, { orders: MAX_BATCH_ORDERS, isFull: true })
    for (const now of [0, BURST_MS, 9 * BURST_MS]) assert.equal(wait.isStanding(MAX_BATCH_ORDERS - 1, now), false)
  })

  it('is too long for a caller once its lines leave few orders a batch, however few wait', async () => {
    const { batches, take, metrics } = intake({ maxInFlight: 1, waitMs: 20 })
    let user = 0
    const large = () => void take(++user, 'key', MAX_BATCH_LINES / 2).catch(() => {})
    large()
    for (let i = 0; i < 6; i++) large()
    await sleep(15)
    endBatch(batches[0])
    await turn()
    assert.equal(batches[1]?.requests.length, 2)
    await sleep(15)
    endBatch(batches[1])
    await turn()
    const answer = take(++user, 'key', 1).catch(String)
    assert.match(String(await Promise.race([answer, turn()])), /too many orders/)
    assert.match(await metrics(), /^lane_shed_total\{reason="long_wait"\} 1$/m)
  })

  it('is spared to an order that comes to a process which is late, while the queue stands: it is refused unread', async () => {
    let lagMs = 0
    const { lane, batches, take, metrics } = intake({ maxInFlight: 1, lagMs: () => lagMs })
    for (let user = 1; user <= 2 * MAX_BATCH_ORDERS + 1; user++) void take(user).catch(() => {})
    await sleep(STANDING_WAIT_MS / 2)
    endBatch(batches[0])
    await turn()
    void take(2 * MAX_BATCH_ORDERS + 2).catch(() => {})
    await sleep(BURST_MS + 50)
    lane.refuseIfBusy() // the queue has stood for long; the process keeps up
    lagMs = BUSY_LAG_MS + 1
    assert.throws(() => lane.refuseIfBusy(), /too many orders are waiting; this request started nothing/)
    assert.match(await metrics(), /^lane_shed_total\{reason="busy"\} 1$/m)
    endBatch(batches[1])
    await turn()
    lane.refuseIfBusy() // nobody waits
    endBatch(batches[2])
  })

  it('makes no batch of one user small for the others', async () => {
    const { batches, take } = intake({ maxInFlight: 1, waitMs: 20 })
    for (let i = 0; i < 30; i++) void take(1, `key ${i}`).catch(() => {})
    for (let i = 0; i < 3; i++) {
      await sleep(15)
      endBatch(batches[i])
      await turn()
    }
    void take(2)
    await turn()
    endBatch(batches[3])
    await turn()
    assert.ok(batches[4]?.requests.some(({ userId }) => userId === 2))
  })

  it('counts whom the lane sends away, by the reason', async () => {
    const { batches, take, metrics } = intake({ maxInFlight: 1, maxQueue: 1 })
    void take(1)
    const wait = new AbortController()
    const waiting = take(2, 'key', 1, wait.signal)
    await assert.rejects(take(3), /too many orders/)
    const shed = async () => (await metrics()).match(/^lane_shed_total\{.*$/gm)
    const of = (queueFull: number, longWait: number, waitOver: number) => [
      `lane_shed_total{reason="queue_full"} ${queueFull}`,
      `lane_shed_total{reason="long_wait"} ${longWait}`,
      'lane_shed_total{reason="overload"} 0',
      `lane_shed_total{reason="wait_over"} ${waitOver}`,
      'lane_shed_total{reason="busy"} 0',
    ]
    assert.deepEqual(await shed(), of(1, 0, 0))
    await turn()
    wait.abort()
    await assert.rejects(waiting, /too many orders/)
    assert.deepEqual(await shed(), of(1, 0, 1))
    endBatch(batches[0])
  })
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

function endBatch(batch: Batch | undefined): void {
  batch?.end(batch.requests.map(() => ({ state: 'handedOver', workflowId: 'create-order/1/key', why: 'for a test' })))
}
