import assert from 'node:assert/strict'
import type { Client, Connection } from '@temporalio/client'
import { scheduleEvery } from '../../temporal/registration.ts'
import { judgeSchedule, type ScheduleState, scheduleStates } from '../../temporal/schedule-states.ts'
import { SCHEDULED, type ScheduleId } from '../../temporal/scheduled.ts'
import { freshNamespace } from './fresh-namespace.ts'

const IDS = Object.keys(SCHEDULED) as ScheduleId[]
const EVERY_MS = 3_600_000

describe('the state of our Schedules', () => {
  let client: Client & { connection: Connection }

  before(async () => {
    client = await freshNamespace()
  })
  after(() => client.connection.close())

  it('is missing, of every one of them, until it is registered', async () => {
    assert.deepEqual(await scheduleStates(client), all('missing'))
    for (const id of IDS) await scheduleEvery(client, id, 'orders', EVERY_MS)
    assert.deepEqual(await scheduleStates(client), all('well'))
  })

  for (const id of IDS) {
    it(`is that ${id} is paused, by its own name, while an operator has it so`, async () => {
      const schedule = client.schedule.getHandle(id)
      await schedule.pause('by hand')
      assert.deepEqual(await scheduleStates(client), { ...all('well'), [id]: 'paused' })
      await schedule.unpause()
      assert.deepEqual(await scheduleStates(client), all('well'))
    })

    it(`is that ${id} is behind, when it has started no run for three of its periods and a minute`, async () => {
      const described = await client.schedule.getHandle(id).describe()
      const seenAfter = (ms: number) => judgeSchedule(described, new Date(Date.now() + ms))
      assert.equal(seenAfter(3 * EVERY_MS), 'well')
      assert.equal(seenAfter(3 * EVERY_MS + 120_000), 'behind')
      const takenAt = new Date(Date.now() + 2 * EVERY_MS)
      const ran = { ...described.info, recentActions: [{ takenAt }] } as unknown as typeof described.info
      assert.equal(judgeSchedule({ ...described, info: ran }, new Date(Date.now() + 4 * EVERY_MS)), 'well')
    })
  }

  it('is not guessed when Temporal can not be asked', async () => {
    const { schedule } = client
    const deaf = { getHandle: () => ({ describe: () => Promise.reject(new Error('away')) }) } as unknown as typeof schedule
    await assert.rejects(scheduleStates({ schedule: deaf }), /away/)
  })
})

function all(state: ScheduleState): Record<string, ScheduleState> {
  return Object.fromEntries(IDS.map((id) => [id, state]))
}
