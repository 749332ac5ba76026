import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { surviveRejections } from '../../composition/lifecycle.ts'
import { watchUncaught } from '../support/uncaught.ts'

describe('what nobody catches', () => {
  it('in a process that a test starts is noted, and ends it as before', async () => {
    for (const [code, what] of [
      ['Promise.reject(new Error("lost"))', 'unhandledRejection'],
      ['setTimeout(() => { throw new Error("lost") })', 'uncaughtException'],
    ] as const) {
      const { noted, status } = await watched(code)
      assert.match(noted, new RegExp(`${what} in .*: Error: lost`))
      assert.equal(status, 1)
    }
  })

  it('is noted as well if the process goes on all the same', async () => {
    const { noted, status } = await watched('process.on("unhandledRejection", () => {}); Promise.reject(new Error("lost"))')
    assert.match(noted, /unhandledRejection in .*: Error: lost/)
    assert.equal(status, 0)
  })

  it('is nothing in a process if all is caught', async () => {
    assert.deepEqual(await watched('Promise.reject(new Error("kept")).catch(() => {})'), { noted: '', status: 0 })
  })

  it('is watched for in every process of this run', () => {
    assert.match(process.env.NODE_OPTIONS ?? '', /note-uncaught\.cjs/)
  })

  it('ends no process of ours if it is a promise: it is logged as a defect', async () => {
    const logged: string[] = []
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    surviveRejections(pino({ level: 'error' }, { write: (line: string) => logged.push(line) }))
    try {
      void Promise.reject(new Error('lost, with a name in it'))
      while (logged.length === 0) await sleep(1)
      const { msg, error } = JSON.parse(logged[0] ?? '')
      assert.deepEqual([msg, error.type], ['a promise was rejected that nobody waited for', 'Error'])
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const other of others) process.on('unhandledRejection', other)
    }
  })
})

async function watched(code: string): Promise<{ noted: string; status: number }> {
  const watch = watchUncaught()
  try {
    const child = spawn(process.execPath, ['--eval', code], {
      env: { ...process.env, NODE_OPTIONS: watch.nodeOptions },
      stdio: 'ignore',
    })
    const [status] = await once(child, 'exit')
    return { noted: watch.noted(), status }
  } finally {
    watch.end()
  }
}
