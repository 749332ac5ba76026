import assert from 'node:assert/strict'
import { Probe } from '../../api/probe.ts'
import { until } from '../e2e/faults/until.ts'

describe('the health probe', () => {
  it('is down until the first answer, survives one miss, goes down by two and up by one answer', async () => {
    const answers: boolean[] = []
    let asked = 0
    const verdicts: boolean[] = []
    let done = () => {}
    const over = new Promise<void>((resolve) => {
      done = resolve
    })
    const probe = new Probe(
      async () => {
        verdicts.push(probe.isUp)
        const answer = answers[asked++]
        if (answer === undefined) done()
        if (!answer) throw new Error('away')
      },
      { periodMs: 1 },
    )
    answers.push(true, false, false, false, true)
    assert.equal(probe.isUp, false)
    await probe.start()
    await over
    probe.stop()
    assert.deepEqual(verdicts, [false, true, true, false, false, true])
  })

  it('reports the first verdict, also of what is away from the beginning, and each change', async () => {
    for (const first of [true, false]) {
      const verdicts: boolean[] = []
      let isThere = first
      const ask = async () => {
        if (!isThere) throw new Error('away')
      }
      const probe = new Probe(ask, { periodMs: 1, onChange: (isUp) => verdicts.push(isUp) })
      await probe.start()
      assert.deepEqual(verdicts, [first])
      isThere = !first
      await until('it has changed', () => assert.deepEqual(verdicts, [first, !first]))
      probe.stop()
    }
  })

  it('keeps the latest answer, also while there is none', async () => {
    let asked = 0
    const probe = new Probe(
      async () => {
        if (++asked > 2) throw new Error('away')
        return asked
      },
      { periodMs: 1 },
    )
    assert.equal(probe.latest, undefined)
    await probe.start()
    await until('it is down', () => assert.equal(probe.isUp, false))
    probe.stop()
    assert.equal(probe.latest, 2)
  })

  it('asks no more once it is stopped', async () => {
    let asked = 0
    const probe = new Probe(
      async () => {
        asked++
      },
      { periodMs: 1 },
    )
    await probe.start()
    probe.stop()
    const before = asked
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(asked, before)
  })
})
