import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { CONTAINER_PROGRAMS } from '../../composition/container-programs.ts'
import {
  loadMigrateConfig,
  loadOperatorConfig,
  loadRegisterConfig,
  loadStarterConfig,
  loadWorkerConfig,
} from '../../config/config.ts'
import { SECRETS } from '../../config/secret-files.ts'
import { SETTINGS } from '../../config/settings.ts'
import { readConfig } from '../../services/config.ts'
import { tempDir } from '../support/temp-dir.ts'

const PROJECT = resolve(import.meta.dirname, '../..')
const DEPLOY = join(PROJECT, 'deploy')
/** Variables that Node and Temporal's client read. */
const OF_OTHERS = /^(NODE_ENV|TEMPORAL_(ADDRESS|NAMESPACE))$/
const SECRET_FILES = SECRETS.map((name) => `${name}_FILE`)

interface Service {
  image: string
  command?: string[]
  entrypoint?: string[]
  environment?: Record<string, string>
  secrets?: string[]
  ports?: string[]
  user?: string
  read_only?: boolean
  depends_on?: Record<string, { condition: string }>
}

/** The function by which each program reads its settings. */
const LOADERS: Record<string, (env: Record<string, string>) => unknown> = {
  worker: loadWorkerConfig,
  starter: loadStarterConfig,
  migrate: loadMigrateConfig,
  register: loadRegisterConfig,
  orders: loadOperatorConfig,
  goods: (env) => readConfig(env, ['goods']),
  inventory: (env) => readConfig(env, ['inventory']),
  user: (env) => readConfig(env, ['user']),
}

describe('the image', () => {
  let file: string

  before(async () => {
    file = await readFile(join(DEPLOY, 'Containerfile'), 'utf8')
  })

  it('runs as an unprivileged user by number, says how it is, and is built on pinned versions', () => {
    const [, final = ''] = /\nFROM \$\{BASE_IMAGE\}\n(.*)$/s.exec(file) ?? []
    assert.match(final, /^USER [1-9]\d{3,}:[1-9]\d{3,}$/m)
    assert.match(final, /^HEALTHCHECK /m)
    for (const [, image = ''] of file.matchAll(/^ARG \w+_IMAGE=(.*)$/gm)) assert.ok(isPinned(image), image)
    assert.equal([...file.matchAll(/^ARG \w+_IMAGE=/gm)].length, 2)
  })

  it('has a module for each of its programs', () => {
    for (const [name, { module }] of Object.entries(CONTAINER_PROGRAMS)) {
      assert.ok(existsSync(join(PROJECT, `${module}.ts`)), `${name}: ${module}`)
    }
    for (const [, path = ''] of file.matchAll(/\/app\/dist\/([\w/-]+)\.js/g)) {
      assert.ok(path === 'workflow-bundle' || existsSync(join(PROJECT, `${path}.ts`)), path)
    }
  })

  it('sets only what there is to be set', () => {
    assert.deepEqual(Object.keys(envOfImage(file)).filter(isUnknown), [])
  })
})

describe('deploy/compose.yaml', () => {
  let services: Record<string, Service>
  let secrets: Record<string, unknown>
  let ours: [name: string, service: Service][]

  before(async () => {
    const compose = parse(await readFile(join(DEPLOY, 'compose.yaml'), 'utf8'), { merge: true })
    services = compose.services
    secrets = compose.secrets
    ours = Object.entries(services).filter(([, { image }]) => image.includes('order-saga'))
  })

  it('pins every image, and publishes to this machine alone', () => {
    for (const [name, { image, ports = [] }] of Object.entries(services)) {
      assert.ok(isPinned(image.replace(/\$\{\w+:-([^}]*)\}/g, '$1')), `${name}: ${image}`)
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name)
    }
  })

  it('runs two workers and two starters, and every program of ours unprivileged on a root that it can not write to', () => {
    const programs = ours.map(([, { command = [] }]) => command[0])
    for (const program of ['worker', 'starter']) assert.equal(programs.filter((one) => one === program).length, 2)
    for (const [name, { user, read_only }] of ours) {
      assert.ok(read_only, name)
      assert.match(user ?? '', /10001/, name)
    }
  })

  it('prepares PostgreSQL and Temporal before anything takes orders', () => {
    for (const name of ['worker-1', 'worker-2', 'starter-1', 'starter-2']) {
      for (const job of ['migrate', 'register']) {
        assert.equal(services[name]?.depends_on?.[job]?.condition, 'service_completed_successfully', name)
      }
    }
  })

  it('gives each program settings that it accepts, and no secret but by a file that is mounted for it', async () => {
    const image = envOfImage(await readFile(join(DEPLOY, 'Containerfile'), 'utf8'))
    const folder = await tempDir()
    const bundle = join(folder, 'bundle.js')
    await writeFile(bundle, '')
    for (const [name, { command: [program = ''] = [], environment = {}, secrets: mounted = [] }] of ours) {
      assert.deepEqual(Object.keys(environment).filter(isUnknown), [], name)
      assert.deepEqual(
        Object.keys(environment).filter((setting) => SECRETS.includes(setting)),
        [],
      )
      const env: Record<string, string> = { ...image, ...environment, WORKFLOW_BUNDLE: bundle }
      for (const [setting, value] of Object.entries(env)) {
        if (!value.startsWith('/run/secrets/')) continue
        const secret = basename(value)
        assert.ok(mounted.includes(secret) && secret in secrets, `${name}: ${setting}`)
        env[setting] = await secretLike(folder, secret)
      }
      const load = LOADERS[program]
      assert.ok(load, program)
      load(env)
    }
  })
})

function isPinned(image: string): boolean {
  return /^[\w./-]+:v?\d[\w.-]*$/.test(image)
}

function isUnknown(name: string): boolean {
  return !(name in SETTINGS || SECRET_FILES.includes(name) || OF_OTHERS.test(name))
}

function envOfImage(file: string): Record<string, string> {
  const [, block = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(file) ?? []
  return Object.fromEntries([...block.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]))
}

/** A secret of the kind that its name says. */
async function secretLike(folder: string, name: string): Promise<string> {
  const file = join(folder, name)
  const content = name.endsWith('url')
    ? 'postgres://account:secret@postgres:5432/orders'
    : name === 'jwks'
      ? '{"keys":[]}'
      : `trial ${Buffer.alloc(32, 7).toString('base64')}\n`
  if (!existsSync(file)) await writeFile(file, content)
  await chmod(file, 0o400)
  return file
}
