import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import type { RecordedProcess } from '../../dev/processes/launch-record.ts'
import { DEFAULT_PORTS } from '../../dev/processes/ports.ts'
import { isRunning } from '../../dev/processes/process-identity.ts'
import { call } from '../e2e/shop.ts'
import { tempDir } from '../support/temp-dir.ts'

const PROJECT = join(import.meta.dirname, '..', '..')

/** Record that a launcher keeps of the processes that it started. */
interface Launch {
  processes: RecordedProcess[]
}

/** One `npm start`, without npm. */
class Launcher {
  readonly child: ChildProcess
  readonly #recordFile: string
  output = ''

  constructor(dataDir: string) {
    this.#recordFile = join(dataDir, 'launch.json')
    this.child = spawn(process.execPath, ['--import', 'tsx', join('dev', 'start.ts'), '--data', dataDir], {
      cwd: PROJECT,
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output += chunk
      })
    }
  }

  /** Waits until the output matches, and gives what the pattern's brackets hold. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.output)
      if (match) return match[1] ?? ''
      if (this.child.exitCode !== null) assert.fail(`it ended without saying ${pattern}:\n${this.output}`)
      await sleep(50)
    }
  }

  async record(): Promise<Launch> {
    return JSON.parse(await readFile(this.#recordFile, 'utf8'))
  }

  /** kill -9 of the launcher and of all that it started, as a power cut would do it. */
  async killEverything(): Promise<RecordedProcess[]> {
    this.child.kill('SIGKILL')
    await once(this.child, 'exit')
    const { processes } = await this.record()
    for (const { pid } of processes.filter(isRunning)) process.kill(pid, 'SIGKILL')
    return processes
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGTERM')
    await once(this.child, 'exit')
  }
}

describe('npm start, killed again and again', () => {
  const launchers: Launcher[] = []
  const squatters: Server[] = []
  const foreigners: ChildProcess[] = []

  function launch(dataDir: string): Launcher {
    const launcher = new Launcher(dataDir)
    launchers.push(launcher)
    return launcher
  }

  afterEach(async () => {
    await Promise.all(launchers.splice(0).map((launcher) => launcher.stop()))
    for (const squatter of squatters.splice(0)) squatter.close()
    for (const foreigner of foreigners.splice(0)) foreigner.kill('SIGKILL')
  })

  /** Takes a port; if somebody else has it already, that is as good. */
  async function squat(port: number): Promise<void> {
    const server = createServer((socket) => socket.destroy())
    const taken = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (taken) squatters.push(server)
  }

  it('takes the next free port if one is taken, with links that lead there', async () => {
    const taken = ['http', 'temporal', 'temporalUi', 'goods'] as const
    await Promise.all(taken.map((name) => squat(DEFAULT_PORTS[name])))
    const launcher = launch(await tempDir())
    await launcher.says(/stays up until Ctrl-C/)
    const port: Partial<Record<(typeof taken)[number], string>> = {}
    for (const name of taken) {
      port[name] = await launcher.says(new RegExp(`^${name}: port ${DEFAULT_PORTS[name]} is taken, using (\\d+)$`, 'm'))
      assert.ok(Number(port[name]) > DEFAULT_PORTS[name])
    }
    await launcher.says(/^traces +none: OTEL_EXPORTER_OTLP_ENDPOINT=\S+ sends them/m)
    assert.equal(await launcher.says(/^HTTP API +http:\/\/127\.0\.0\.1:(\d+)\/docs$/m), port.http)
    assert.equal(await launcher.says(/^goods ready: 127\.0\.0\.1:(\d+)$/m), port.goods)
    const page = await launcher.says(/^this run in the web UI +(\S+)$/m)
    assert.equal(new URL(page).port, port.temporalUi)
    assert.equal((await fetch(page)).status, 200)
  })

  it('keeps its orders and their runs over kill -9 of everything, in the middle of a start too, and harms no other process', async () => {
    const dataDir = await tempDir()
    const cutShort = launch(dataDir)
    await cutShort.says(/^(postgres|temporal) ready/m)
    await cutShort.killEverything()

    const first = launch(dataDir)
    await first.says(/stays up until Ctrl-C/)
    const orderSn = await first.says(/^order (\S+) of user/m)
    const workflowId = await first.says(/step by step \(workflow (\S+)\)/)
    const killed = await first.killEverything()
    assert.equal(killed.length, 7)

    // A process of somebody else has got the pid of one of ours since.
    const foreigner = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' })
    foreigners.push(foreigner)
    const record = await first.record()
    const [one] = record.processes
    assert.ok(one && foreigner.pid)
    one.pid = foreigner.pid
    await writeFile(join(dataDir, 'launch.json'), JSON.stringify(record))

    const second = launch(dataDir)
    await second.says(/stays up until Ctrl-C/)
    const httpUrl = await second.says(/^HTTP API +(\S+)\/docs$/m)
    const order = await call(`${httpUrl}/orders/${orderSn}`)
    assert.equal(order.body.status, 'PAYING')
    assert.notEqual(await second.says(/^order (\S+) of user/m), orderSn)
    const connection = await Connection.connect({ address: await second.says(/^temporal ready: ([^,]+),/m) })
    try {
      const { status } = await new Client({ connection }).workflow.getHandle(workflowId).describe()
      assert.equal(status.name, 'COMPLETED')
    } finally {
      await connection.close()
    }
    assert.equal(foreigner.exitCode ?? foreigner.signalCode, null)
  })
})
