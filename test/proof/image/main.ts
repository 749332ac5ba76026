import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { parse } from 'yaml'
import { placeOrder } from '../../../dev/place-order.ts'
import { type PostgresServer, startPostgres } from '../../../dev/postgres.ts'
import { freePort } from '../../../dev/processes/ports.ts'
import { removePostgresHome } from '../../../dev/programs/postgres-home.ts'
import { findTemporalCli } from '../../../dev/programs/temporal-cli.ts'
import { startTemporalServer } from '../../../dev/temporal-server.ts'
import { until } from '../../e2e/faults/until.ts'
import { type Container, containersOf } from './containers.ts'

/**
 * `npm run image:test`, as root: the whole stack runs from the image that `npm run image` built, each program as its user, with a root that nothing may
 * write to and no capabilities, by the settings, secrets and accounts of deploy/compose.yaml; both starters take orders. PostgreSQL and
 * Temporal are those of `npm start`, and all of it is on this machine's own network, which every sandbox has.
 */
const PROJECT = join(import.meta.dirname, '../../..')
const { version } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8'))
const IMAGE = process.env.IMAGE ?? `order-saga:${version}`
const MAX_MB = 300
const USER = 10_001
/** Packages for which an image of running services has no use. */
const UNWANTED = ['@swc/core', 'esbuild', 'mocha', 'terser', 'tsx', 'typescript']
const HEALTH = ['node', '/app/dist/composition/container.js', 'health']

const dir = await mkdtemp(join(tmpdir(), 'order-saga-image-'))
const ends: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true })]
const say = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`)
const { inspect, evaluate, runToEnd, start } = containersOf(IMAGE)
const running: Container[] = []

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end().then(() => process.exit(1)))
try {
  await promises()
  await wholeStack()
  say('the image keeps its promises')
} catch (error) {
  for (const container of running) console.error(`== ${container.name}\n${(await container.logs()).slice(-3_000)}`)
  throw error
} finally {
  await end()
}
process.exit()

async function end(): Promise<void> {
  for (const container of running.splice(0)) await container.remove()
  for (const one of ends.splice(0).reverse()) await one()
}

async function promises(): Promise<void> {
  const mb = Number(await inspect('{{.Size}}')) / 1e6
  say(`${IMAGE}: ${mb.toFixed(0)} MB`)
  assert.ok(mb < MAX_MB, `${mb} MB`)
  assert.equal(await inspect('{{.Config.User}}'), `${USER}:${USER}`)
  const found = await evaluate(`
    const { existsSync, readdirSync } = require('node:fs')
    const files = readdirSync('/app', { recursive: true })
    console.log(JSON.stringify({
      unwanted: ${JSON.stringify(UNWANTED)}.filter((name) => existsSync('/app/node_modules/' + name)),
      sources: files.filter((name) => /\\.tsx?$/.test(name)),
      platforms: readdirSync('/app/node_modules/@temporalio/core-bridge/releases').length,
      uid: process.getuid(),
    }))`)
  assert.deepEqual(JSON.parse(found), { unwanted: [], sources: [], platforms: 1, uid: USER })
  say('no tools, no sources, one platform, an unprivileged user')
}

async function wholeStack(): Promise<void> {
  const postgres = await startPostgres({ dataDir: join(dir, 'postgres'), port: 0, durable: false })
  ends.push(async () => {
    await postgres.stop()
    await removePostgresHome(postgres.home)
  })
  const taken = new Set<number>()
  const port = async () => {
    const free = await freePort(0, taken)
    taken.add(free)
    return free
  }
  const temporal = await startTemporalServer({
    cli: await findTemporalCli({ log: say }),
    port: await port(),
    uiPort: await port(),
    logFile: join(dir, 'temporal.log'),
  })
  ends.push(() => temporal.stop())
  say('PostgreSQL and Temporal are up')

  const secrets = join(dir, 'secrets')
  await secretsOfCompose(secrets, postgres)
  const targets = { GOODS: await port(), INVENTORY: await port(), USER: await port() }
  const here = {
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace },
    ...Object.fromEntries(
      Object.entries(targets).flatMap(([name, at]) => [
        [`${name}_ADDR`, `0.0.0.0:${at}`],
        [`${name}_TARGET`, `127.0.0.1:${at}`],
      ]),
    ),
  }
  const services: Record<string, { environment?: Record<string, string>; command: string[] }> = parse(
    await readFile(join(PROJECT, 'deploy/compose.yaml'), 'utf8'),
    { merge: true },
  ).services
  const optionsOf = (name: string, more: Record<string, string> = {}) => {
    const { environment = {}, command = [] } = services[name] ?? {}
    return { name: `order-saga-test-${process.pid}-${name}`, args: command, env: { ...environment, ...here, ...more }, secrets }
  }
  const once = async (name: string, ...args: string[]) => {
    const options = optionsOf(name)
    const said = await runToEnd(args.length > 0 ? { ...options, args: [name, ...args] } : options)
    say(`${name}: ${said.split('\n').at(-1)}`)
    return said
  }
  const serve = async (name: string, more: Record<string, string> = {}) => {
    running.push(await start(optionsOf(name, more)))
  }

  await once('register')
  await once('migrate')
  for (const service of ['goods', 'inventory', 'user']) await serve(service)
  const address = async () => `0.0.0.0:${await port()}`
  const doors: string[] = []
  for (const n of [1, 2]) {
    // The second sends traces, to nobody: its workflows are in a bundle of their own, and the image has nothing that could bundle them.
    const traces = n === 2 ? { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await port()}` } : {}
    await serve(`worker-${n}`, { METRICS_ADDR: await address(), ...traces })
    const door = await port()
    doors.push(`http://127.0.0.1:${door}`)
    const [operations, grpc] = [await address(), await address()]
    await serve(`starter-${n}`, { HTTP_ADDR: `0.0.0.0:${door}`, OPERATIONS_ADDR: operations, GRPC_ADDR: grpc })
  }
  for (const container of running) {
    await until(container.name, () => container.exec(...HEALTH, '--ready'))
    await container.exec(...HEALTH)
    say(`${container.name} is healthy`)
  }

  const token = await readFile(join(secrets, 'shop-token'), 'utf8')
  for (const door of doors) {
    assert.equal((await fetch(`${door}/orders/x`)).status, 401)
    const { order } = await placeOrder(door, async () => token)
    assert.equal(order.status, 'PAYING')
    say(`${door}: order ${order.orderSn} is ${order.status}`)
    assert.match(await once('orders', 'show', order.orderSn), /PAYING/)
  }

  for (const container of running.toReversed()) {
    assert.equal(await container.stop(), 0, container.name)
    say(`${container.name} has drained at SIGTERM, and ended with status 0`)
  }
}

/** Makes the secrets and accounts of compose, for this PostgreSQL. */
async function secretsOfCompose(folder: string, postgres: PostgresServer): Promise<void> {
  const args = ['run.cjs', 'deploy/make-secrets.ts', '--folder', folder, '--postgres', `127.0.0.1:${postgres.port}`]
  await promisify(execFile)(process.execPath, args, { cwd: PROJECT })
  await chmod(folder, 0o755) // it is mounted whole, where compose mounts files
  const client = new pg.Client({ connectionString: postgres.url('postgres') })
  await client.connect()
  // One by one, as psql does it: a database is created by itself.
  const statements = (await readFile(join(folder, 'accounts.sql'), 'utf8')).split(';\n').filter((statement) => statement.trim())
  for (const statement of statements) await client.query(statement)
  await client.end()
}
