import assert from 'node:assert/strict'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { CallGroups, type GroupLimits, WaitedTooLong } from '../../services/inventory/call-groups.ts'

const LIMITS: GroupLimits = { calls: 3, weight: 10, wait: 60_000 }

describe('groups of calls', () => {
  it('leave at once when nothing is under way, with all that came in the same moment', async () => {
    const { add, groups } = numbers(LIMITS)
    void add(1)
    void add(2)
    await turn()
    assert.deepEqual(groups(), [[1, 2]])
  })

  it('are made of what came while others were under way, in the order it came', async () => {
    const { add, groups, finish } = numbers(LIMITS)
    void add(1)
    await turn()
    for (const call of [2, 3]) {
      void add(call)
      await turn()
    }
    assert.deepEqual(groups(), [[1]])
    await finish()
    assert.deepEqual(groups(), [[1], [2, 3]])
  })

  it('have no more calls and no more weight than they may, but for a single heavy call', async () => {
    const { add, groups, finish } = numbers(LIMITS)
    for (const call of [1, 1, 1, 1, 9, 1, 99, 1]) void add(call)
    await turn()
    for (let i = 0; i < 4; i++) await finish()
    assert.deepEqual(groups(), [[1, 1, 1], [1, 9], [1], [99], [1]])
  })

  it('give every call its own answer', async () => {
    const calls = new CallGroups<number, string>(
      LIMITS,
      () => 1,
      async (group) => group.map((call) => (call === 2 ? Promise.reject(new Error('not two')) : `${call}!`)),
    )
    const answers = await Promise.allSettled([1, 2, 3].map((call) => calls.add(call)))
    assert.deepEqual(
      answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.message)),
      ['1!', 'not two', '3!'],
    )
  })

  it('that fail tell each of their calls, and are followed by the next', async () => {
    const { add, finish } = numbers(LIMITS)
    const first = Promise.allSettled([add(1), add(2)])
    await turn()
    const next = add(3)
    const broken = new Error('broken')
    await finish(broken)
    assert.deepEqual(await first, Array(2).fill({ status: 'rejected', reason: broken }))
    await finish()
    assert.equal(await next, 3)
  })

  it('leave out what has waited too long', async () => {
    const { add, groups, finish } = numbers({ ...LIMITS, wait: 500 })
    void add(1)
    await turn()
    const old = assert.rejects(add(2), WaitedTooLong)
    await sleep(600)
    const fresh = add(3)
    await finish()
    await old
    assert.deepEqual(groups(), [[1], [3]])
    await finish()
    assert.equal(await fresh, 3)
  })
})

/** Calls that weigh what they are and are answered with themselves, when the test lets their group finish. */
function numbers(limits: GroupLimits) {
  const served: number[][] = []
  const finishers: ((failure?: Error) => void)[] = []
  const calls = new CallGroups<number, number>(
    limits,
    (call) => call,
    (group) => {
      served.push(group)
      return new Promise((resolve, reject) => {
        finishers.push((failure) => (failure ? reject(failure) : resolve(group)))
      })
    },
  )
  return {
    add: (call: number) => calls.add(call),
    groups: () => served,
    /** Lets the oldest group finish, and the next leave. */
    async finish(failure?: Error): Promise<void> {
      finishers.shift()?.(failure)
      await turn()
      await turn()
    },
  }
}
