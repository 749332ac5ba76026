import assert from 'node:assert/strict'
import { whenThere } from '../../clients/when-there.ts'

const { signal } = new AbortController()

describe('the wait for a party that is away', () => {
  it('ends with its answer, and tells each reason once in a row', async () => {
    const reasons = ['refused', 'refused', 'unknown host', 'refused']
    const told: string[] = []
    const found = await whenThere(
      async () => {
        const reason = reasons.shift()
        if (reason) throw new Error(reason)
        return 'there'
      },
      { signal, onWait: (reason) => told.push(reason) },
    )
    assert.equal(found, 'there')
    assert.deepEqual(told, ['refused', 'unknown host', 'refused'])
  })

  it('is not made for what waiting does not cure', async () => {
    const lacking = async () => {
      throw new Error('lacks the search attributes')
    }
    const onWait = () => assert.fail('it waits')
    await assert.rejects(whenThere(lacking, { signal, onWait, isAway: ({ code }) => code === 14 }), /lacks the search attributes/)
  })

  it('is given up when the process is asked to stop', async () => {
    const stop = new AbortController()
    const away = async () => {
      throw new Error('refused')
    }
    await assert.rejects(whenThere(away, { signal: stop.signal, onWait: () => stop.abort() }), { name: 'AbortError' })
  })
})
