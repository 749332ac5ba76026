import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { endLeftovers } from '../../dev/processes/end-leftovers.ts'
import { openLaunchRecord } from '../../dev/processes/launch-record.ts'
import type { Part } from '../../dev/processes/part.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { identify, isRunning, type ProcessIdentity } from '../../dev/processes/process-identity.ts'
import { spawnPart } from '../../dev/processes/spawn-part.ts'
import { Supervisor } from '../../dev/processes/supervisor.ts'
import { until } from '../e2e/faults/until.ts'
import { tempDir } from '../support/temp-dir.ts'

/** Serves HTTP until it is told to stop, and says so. */
const SERVER = `
  const server = require('node:http').createServer((_, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1')
  process.on('SIGTERM', () => { console.log('drained'); process.exit(0) })`

describe('the supervisor of the dev stack', () => {
  let dataDir: string
  let supervisor: Supervisor
  let lines: string[]
  const started: ChildProcess[] = []

  beforeEach(async () => {
    dataDir = await tempDir()
    lines = []
    const record = openLaunchRecord(dataDir)
    supervisor = new Supervisor(record, (line) => lines.push(line))
  })
  afterEach(async () => {
    await supervisor.stopAll([])
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })

  async function server(name: string, script = SERVER, stillMs?: number): Promise<Part & { logFile: string }> {
    const port = await freePort()
    const logFile = join(dataDir, `${name}.log`)
    return {
      name,
      at: `127.0.0.1:${port}`,
      stopSignal: 'SIGTERM',
      logFile,
      start: (onSpawn) =>
        spawnPart({
          name,
          command: process.execPath,
          args: ['-e', script],
          env: { ...process.env, PORT: `${port}` },
          logFile,
          onSpawn,
          ...(stillMs !== undefined && { stillMs }),
          isHealthy: async () => (await fetch(`http://127.0.0.1:${port}`)).ok,
        }),
    }
  }
  function sleeper(): { child: ChildProcess; identity: ProcessIdentity } {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    started.push(child)
    return { child, identity: identify(child.pid as number) as ProcessIdentity }
  }
  /** A launcher that was killed by -9, as far as its record tells. */
  async function recordOf(processes: (ProcessIdentity & { name: string })[]): Promise<string> {
    const dir = await tempDir()
    const { child, identity } = sleeper()
    child.kill('SIGKILL')
    await once(child, 'exit')
    const left = processes.map((process) => ({ stopSignal: 'SIGTERM', ...process }))
    writeFileSync(join(dir, 'launch.json'), JSON.stringify({ launcher: identity, processes: left }))
    return dir
  }
  it('says where a part is met once it is healthy, and stops it in order', async () => {
    const part = await server('shop')
    await supervisor.start(part)
    assert.deepEqual(lines, [`shop ready: ${part.at}`])
    assert.ok((await fetch(`http://${part.at}`)).ok)
    await supervisor.stopAll([['shop']])
    assert.equal(await readFile(part.logFile, 'utf8'), 'drained\n')
    assert.equal(supervisor.part('shop').pid, undefined)
  })

  it('starts a part again that dies, at the same address, and says so', async () => {
    const part = await server('shop')
    await supervisor.start(part)
    const before = supervisor.part('shop').pid
    supervisor.part('shop').kill('SIGKILL')
    await until('it is up again', () => assert.ok(lines.includes(`shop ready again: ${part.at}`), lines.join('\n')))
    assert.ok(lines.includes('shop died (signal SIGKILL): starting it again'))
    assert.notEqual(supervisor.part('shop').pid, before)
    assert.ok((await fetch(`http://${part.at}`)).ok)
  })

  it('leaves a part stopped that was stopped by name, until it is started by name', async () => {
    const part = await server('shop')
    await supervisor.start(part)
    await supervisor.part('shop').stop()
    await assert.rejects(fetch(`http://${part.at}`))
    await supervisor.part('shop').start()
    assert.ok((await fetch(`http://${part.at}`)).ok)
  })

  it('tells the end of its log when a part does not start', async () => {
    const part = await server('shop', `console.error('no shop today'); process.exit(3)`)
    await assert.rejects(
      supervisor.start(part),
      /shop ended \(status 3\) before it was ready; .*shop\.log ends with:\nno shop today/s,
    )
  })

  it('tells what this launch logged, not what the one before did', async () => {
    const part = await server('shop', `console.error('no shop today'); process.exit(3)`)
    await writeFile(part.logFile, 'no shop yesterday\n')
    await assert.rejects(supervisor.start(part), ({ message }: Error) => /today/.test(message) && !/yesterday/.test(message))
    const silent = await server('silent', 'process.exit(3)')
    await writeFile(silent.logFile, 'no shop yesterday\n')
    await assert.rejects(
      supervisor.start(silent),
      /silent ended \(status 3\) before it was ready; it wrote nothing into \S+silent\.log$/,
    )
  })

  it('waits for a part that is slow, as long as it works', async () => {
    const slow = `for (const until = Date.now() + 8_000; Date.now() < until; );${SERVER}`
    await supervisor.start(await server('shop', slow, 2_000))
    assert.equal(lines.length, 1)
  })

  it('gives up a part that lives and does nothing, and ends it', async () => {
    const part = await server('shop', `console.log('idle'); setInterval(() => {}, 1_000)`, 2_000)
    await assert.rejects(supervisor.start(part), /shop is not ready and has hardly worked for 2 s; .*shop\.log ends with:\nidle/s)
    assert.equal(supervisor.part('shop').pid, undefined)
  })

  it('cuts off a start that is under way when it has to stop', async () => {
    const part = await server('shop', 'setInterval(() => {}, 1000)')
    const starting = assert.rejects(supervisor.start(part), /signal SIGKILL/)
    await until('there is a process', () => assert.notEqual(supervisor.part('shop').pid, undefined))
    const { pid } = supervisor.part('shop')
    await supervisor.stopAll([])
    await starting
    assert.equal(identify(pid as number), undefined)
    await assert.rejects(supervisor.start(part), /being stopped/)
  })

  it('has every process on record while it runs, and no longer', async () => {
    const recorded = () =>
      JSON.parse(readFileSync(join(dataDir, 'launch.json'), 'utf8')).processes.map(({ pid }: ProcessIdentity) => pid)
    await supervisor.start(await server('shop'))
    assert.deepEqual(recorded(), [supervisor.part('shop').pid])
    await supervisor.part('shop').stop()
    assert.deepEqual(recorded(), [])
  })

  it('refuses a data folder whose launcher is alive', () => {
    assert.throws(() => openLaunchRecord(dataDir), new RegExp(`its launcher has pid ${process.pid}`))
  })

  it('ends exactly the processes that a killed launcher left', async () => {
    const [left, foreign] = [sleeper(), sleeper()]
    const reused = { pid: foreign.identity.pid, started: 'another life' }
    const dir = await recordOf([
      { name: 'worker', ...left.identity },
      { name: 'starter', ...reused },
    ])
    const record = openLaunchRecord(dir)
    await endLeftovers(record, (line) => lines.push(line))
    assert.deepEqual(lines, [`worker: ended the process of an earlier start (pid ${left.identity.pid})`])
    assert.equal(isRunning(left.identity), false)
    assert.equal(isRunning(foreign.identity), true)
  })

  it('ends a leftover that does not listen', async () => {
    const child = spawn(process.execPath, [
      '-e',
      `process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)`,
    ])
    started.push(child)
    await once(child.stdout, 'data')
    const identity = identify(child.pid as number) as ProcessIdentity
    await endLeftovers(openLaunchRecord(await recordOf([{ name: 'worker', ...identity }])), () => {}, 1_000)
    assert.equal(isRunning(identity), false)
  })

  it('lets a leftover drain on a slow machine', async () => {
    const drained = join(dataDir, 'drained')
    const child = spawn(process.execPath, [
      '-e',
      `process.on('SIGTERM', () => setTimeout(() => { require('node:fs').writeFileSync('${drained}', 'all'); process.exit() }, 6_000))
       console.log('up'); setInterval(() => {}, 1000)`,
    ])
    started.push(child)
    await once(child.stdout, 'data')
    const identity = identify(child.pid as number) as ProcessIdentity
    await endLeftovers(openLaunchRecord(await recordOf([{ name: 'worker', ...identity }])), () => {})
    assert.equal(isRunning(identity), false)
    assert.equal(await readFile(drained, 'utf8'), 'all')
  })

  it('still knows the leftovers when the second launcher is killed before it ended them', async () => {
    const left = sleeper()
    const dir = await recordOf([{ name: 'worker', ...left.identity }])
    openLaunchRecord(dir)
    const file = join(dir, 'launch.json')
    const second = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...second, launcher: { ...second.launcher, started: 'gone' } }))
    assert.deepEqual(
      openLaunchRecord(dir).leftovers.map(({ name }) => name),
      ['worker'],
    )
  })
})
