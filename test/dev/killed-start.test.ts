import assert from 'node:assert/strict'
import { type ChildProcess, exec, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import type { RecordedProcess } from '../../dev/processes/launch-record.ts'
import { DEFAULT_PORTS } from '../../dev/processes/ports.ts'
import { isRunning } from '../../dev/processes/process-identity.ts'
import { COMPILED_IN } from '../../dev/processes/program-command.ts'
import { tempDir } from '../support/temp-dir.ts'

const PROJECT = join(import.meta.dirname, '..', '..')
/** Each part from its source, and its workflows bundled by the start, as users start it. */
const FROM_SOURCE = { [COMPILED_IN]: undefined, WORKFLOW_BUNDLE: undefined }
/** Ports that somebody else has. */
const TAKEN = ['http', 'temporal', 'temporalUi', 'goods'] as const

/** Record that a launcher keeps of the processes that it started. */
interface Launch {
  processes: RecordedProcess[]
}

/** One `npm start`, without npm. */
class Launcher {
  readonly child: ChildProcess
  readonly #recordFile: string
  output = ''

  constructor(dataDir: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) {
    this.#recordFile = join(dataDir, 'launch.json')
    this.child = spawn(process.execPath, ['--import', 'tsx', join('dev', 'start.ts'), '--data', dataDir, ...args], {
      cwd: PROJECT,
      env: { ...process.env, ...env },
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

  /** kill -9 of the launcher alone. */
  async killAlone(): Promise<void> {
    this.child.kill('SIGKILL')
    await once(this.child, 'exit')
  }

  /** kill -9 of the launcher and of all that it started, as a power cut would do it, but for some. */
  async killEverything(except: string[] = []): Promise<RecordedProcess[]> {
    await this.killAlone()
    const { processes } = await this.record()
    const doomed = processes.filter(({ name }) => !except.includes(name))
    for (const { pid } of doomed.filter(isRunning)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {} // it has ended, since its launcher is gone
    }
    return doomed
  }

  async kill(name: string): Promise<void> {
    const { pid } = (await this.record()).processes.find((process) => process.name === name) ?? assert.fail(`no ${name} runs`)
    process.kill(pid, 'SIGKILL')
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGTERM')
    await once(this.child, 'exit')
  }
}

/** One data folder and what is started on it, one launcher after the other: each test goes on from the one before. */
describe('npm start, killed again and again', () => {
  const launchers: Launcher[] = []
  const squatters: Server[] = []
  const foreigners: ChildProcess[] = []
  let dataDir: string
  let first: Launcher
  let last: Launcher
  let orderSn: string
  let workflowId: string

  before(async () => {
    dataDir = await tempDir()
    await Promise.all(TAKEN.map((name) => squat(DEFAULT_PORTS[name])))
    const cutShort = launch()
    await cutShort.says(/^postgres ready/m)
    // Left alone: it ends with its launcher no more than Temporal does.
    await cutShort.killEverything(['postgres'])
    first = launch([], FROM_SOURCE)
    await first.says(/stays up until Ctrl-C/)
    orderSn = await first.says(/^order (\S+) of user/m)
    workflowId = await first.says(/step by step \(workflow (\S+)\)/)
  })

  after(async () => {
    await Promise.all(launchers.splice(0).map((launcher) => launcher.stop()))
    for (const squatter of squatters.splice(0)) squatter.close()
    for (const foreigner of foreigners.splice(0)) foreigner.kill('SIGKILL')
  })

  function launch(args: string[] = [], env: NodeJS.ProcessEnv = {}): Launcher {
    const launcher = new Launcher(dataDir, args, env)
    launchers.push(launcher)
    return launcher
  }

  /** Takes a port; if somebody else has it already, that is as good. */
  async function squat(port: number): Promise<void> {
    const server = createServer((socket) => socket.destroy())
    const taken = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (taken) squatters.push(server)
  }

  it('ends what a start left that was killed halfway', async () => {
    await first.says(/^postgres: ended the process of an earlier start/m)
  })

  it('stays up, on the next free ports if some are taken, with links that lead there', async () => {
    const port: Partial<Record<(typeof TAKEN)[number], string>> = {}
    for (const name of TAKEN) {
      port[name] = await first.says(new RegExp(`^${name}: port ${DEFAULT_PORTS[name]} is taken, using (\\d+)$`, 'm'))
      assert.ok(Number(port[name]) > DEFAULT_PORTS[name])
    }
    await first.says(/^traces +none: OTEL_EXPORTER_OTLP_ENDPOINT=\S+ sends them/m)
    assert.equal(await first.says(/^HTTP API +http:\/\/127\.0\.0\.1:(\d+)\/docs$/m), port.http)
    assert.equal(await first.says(/^goods ready: 127\.0\.0\.1:(\d+)$/m), port.goods)
    assert.equal(new URL(await first.says(/^this run in the web UI +(\S+)$/m)).port, port.temporalUi)
    const links = await first.says(/^(this run in the web UI(?:.|\n)*^metrics.*)$/m)
    const urls = links.match(/http:\S+/g) ?? []
    assert.equal(urls.length, 4)
    for (const url of urls) assert.equal((await fetch(url)).status, 200, url)
    assert.equal((await first.record()).processes.length, 7)
  })

  it('refuses a second one on its data', async () => {
    const second = launch(['--once'])
    await once(second.child, 'close')
    assert.equal(second.child.exitCode, 1)
    assert.match(second.output, new RegExp(`launcher has pid ${first.child.pid}`))
  })

  it('starts a worker that died with the workflows as they are by then, and bundles nothing anew if none has changed', async () => {
    const file = join(dataDir, 'workflow-bundle.js')
    const made = await readFile(file, 'utf8')
    // A bundle of other workflows than stand in the project now: as if one of them had been edited.
    await writeFile(file, made.replace(/[0-9a-f]{64}/, '0'.repeat(64)))
    await first.kill('worker')
    await first.says(/^worker ready again/m)
    assert.equal(await readFile(file, 'utf8'), made)
    await first.kill('starter')
    await first.says(/^starter ready again/m)
    assert.equal(first.output.match(/^bundle done$/gm)?.length, 2)
  })

  it('keeps its orders and their runs over kill -9 of everything, and of a launcher alone, and harms no other process', async () => {
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

    const cutShort = launch()
    await cutShort.says(/^temporal ready/m)
    await cutShort.killAlone()

    last = launch(['--auth'])
    await last.says(/stays up until Ctrl-C/)
    await last.says(/^temporal: ended the process of an earlier start/m)
    assert.notEqual(await last.says(/^order (\S+) of user/m), orderSn)
    const connection = await Connection.connect({ address: await last.says(/^temporal ready: ([^,]+),/m) })
    try {
      const { status } = await new Client({ connection }).workflow.getHandle(workflowId).describe()
      assert.equal(status.name, 'COMPLETED')
    } finally {
      await connection.close()
    }
    assert.equal(foreigner.exitCode ?? foreigner.signalCode, null)

    const httpUrl = await last.says(/^HTTP API +(\S+)\/docs$/m)
    const [seven, , shop] = (await last.says(/^tokens for 12 hours.*:\n((?: {2}\S+\n){4})/m)).trim().split(/\s+/)
    const asked = async (token?: string) =>
      await fetch(`${httpUrl}/orders/${orderSn}`, token ? { headers: { authorization: `Bearer ${token}` } } : {})
    assert.deepEqual([(await asked()).status, (await asked(seven)).status], [401, 404])
    assert.equal(((await (await asked(shop)).json()) as { status: string }).status, 'PAYING')
    const commands = last.output.match(/^ {2}(curl|ORDERS_TOKEN=).*$/gm) ?? []
    assert.equal(commands.length, 2)
    for (const command of commands) assert.match((await promisify(exec)(command)).stdout, /^(\{"items":\[|.*no order)/i, command)
  })

  it('leaves with status 0 if Ctrl-C comes twice, as below npm, and nothing running', async () => {
    const { processes } = await last.record()
    const ended = once(last.child, 'exit')
    last.child.kill('SIGINT')
    last.child.kill('SIGINT')
    assert.deepEqual(await ended, [0, null])
    assert.deepEqual(processes.filter(isRunning), [])
  })
})
