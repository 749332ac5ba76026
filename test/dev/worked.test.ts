import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { workedMs } from '../../dev/processes/process-identity.ts'
import { until } from '../e2e/faults/until.ts'

describe('the time for which a process has worked', () => {
  const children: ChildProcess[] = []
  const run = (script: string) => {
    const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
    children.push(child)
    return child.pid
  }
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  it('grows while others have all processors: then it is the machine that is slow', async function () {
    if (process.platform !== 'linux') this.skip()
    const one = run('for (;;);')
    for (let i = 0; i < 3 * availableParallelism(); i++) run('for (;;);')
    const start = performance.now()
    const before = workedMs(one) ?? 0
    await until('it wanted a processor all the time', () => {
      const elapsed = performance.now() - start
      assert.ok(elapsed > 2_000, 'too early')
      assert.ok((workedMs(one) ?? 0) - before > 0.8 * elapsed, `${Math.ceil(elapsed / 1_000)} s`)
    })
  })

  it('does not grow while it waits for something else', async () => {
    const idle = run('setInterval(() => {}, 60_000)')
    let last = -1
    await until('it stands still', () => {
      const seen = workedMs(idle) ?? 0
      const stood = seen > 0 && seen - last < 20
      last = seen
      assert.ok(stood, `${seen}`)
    })
  })
})
