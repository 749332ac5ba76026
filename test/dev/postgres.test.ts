import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { ensureDatabase } from '../../dev/ensure-database.ts'
import { type PostgresServer, startPostgres } from '../../dev/postgres.ts'
import { identify, isRunning } from '../../dev/processes/process-identity.ts'
import { removePostgresHome } from '../../dev/programs/postgres-home.ts'
import { testDatabase } from '../support/postgres.ts'

describe('the embedded PostgreSQL', () => {
  let dataDir: string
  let server: PostgresServer
  const lines: string[] = []
  const start = () => startPostgres({ dataDir, port: 0, durable: false, log: (line) => lines.push(line) })

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'order-saga-postgres-'))
    server = await start()
    await ensureDatabase(server.url('shop'))
    await query(server.url('shop'), 'CREATE TABLE kept (n int)')
    await query(server.url('shop'), 'INSERT INTO kept VALUES (42)')
  })
  after(async () => {
    await server.stop()
    await removePostgresHome(server.home)
    for (const path of [dataDir, `${dataDir}-link`]) await rm(path, { recursive: true, force: true })
  })

  it('keeps what was committed over a stop', async () => {
    await server.stop()
    server = await start()
    assert.deepEqual(await query(server.url('shop'), 'SELECT n FROM kept'), [{ n: 42 }])
  })

  it('lets a server end in order on a slow machine, whose next start has nothing to repair', async () => {
    const [{ pid }] = (await query(
      server.url('shop'),
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
    )) as [{ pid: number }]
    const log = join(server.home.dir, 'log')
    const before = (await readFile(log, 'utf8')).length
    process.kill(pid, 'SIGSTOP')
    const stopping = server.stop()
    await sleep(11_000)
    process.kill(pid, 'SIGCONT')
    await stopping
    server = await start()
    const said = (await readFile(log, 'utf8')).slice(before)
    assert.match(said, /received fast shutdown request/)
    assert.doesNotMatch(said, /immediate shutdown|not properly shut down/)
  })

  it('keeps what was committed over kill -9', async () => {
    await query(server.url('shop'), 'INSERT INTO kept VALUES (43)')
    process.kill(server.pid, 'SIGKILL')
    await server.exited
    server = await start()
    assert.deepEqual(await query(server.url('shop'), 'SELECT n FROM kept ORDER BY n'), [{ n: 42 }, { n: 43 }])
  })

  it('ends a server that outlived its launcher, and takes over its data, through whatever symlink that is named', async () => {
    const orphan = server
    lines.length = 0
    const link = `${dataDir}-link`
    await symlink(dataDir, link)
    server = await startPostgres({ dataDir: link, port: 0, durable: false, log: (line) => lines.push(line) })
    await orphan.exited
    assert.notEqual(server.pid, orphan.pid)
    assert.match(lines.join('\n'), new RegExp(`pid ${orphan.pid}`))
    assert.equal((await query(server.url('shop'), 'SELECT FROM kept')).length, 2)
  })

  it('leaves a foreign process alone that got the pid of a dead server', async () => {
    process.kill(server.pid, 'SIGKILL')
    await server.exited
    // Not Node: if that is installed below a home of its own, another account can't run it.
    const foreign = spawn('sleep', ['60'], { ...server.home.account, cwd: '/' })
    await once(foreign, 'spawn')
    const identity = identify(foreign.pid as number)
    try {
      const pidFile = join(server.home.dir, 'cluster', 'postmaster.pid')
      const left = await readFile(pidFile, 'utf8')
      await writeFile(pidFile, left.replace(/^\d+/, `${foreign.pid}`))
      server = await start()
      assert.ok(identity && isRunning(identity))
      assert.equal((await query(server.url('shop'), 'SELECT FROM kept')).length, 2)
    } finally {
      foreign.kill('SIGKILL')
      await once(foreign, 'exit')
    }
  })

  it('lets nobody in without the password', async () => {
    const url = new URL(server.url('shop'))
    url.password = 'guessed'
    await assert.rejects(query(url.href, 'SELECT 1'), /password authentication failed/)
  })

  it('tells why it did not start', async () => {
    await assert.rejects(
      startPostgres({ dataDir: join(server.home.dir, 'second'), port: server.port, durable: false }),
      /Address already in use/,
    )
  })

  it('keeps its data elsewhere if root wants it and its own account cannot go, says so, and finds it again', async function () {
    if (process.getuid?.() !== 0) this.skip()
    const wanted = join(await mkdtemp(join(tmpdir(), 'order-saga-closed-')), 'data')
    lines.length = 0
    const elsewhere = await startPostgres({ dataDir: wanted, port: 0, durable: false, log: (line) => lines.push(line) })
    try {
      assert.deepEqual(lines, [`postgres: its account cannot reach ${wanted}, so its data is kept in ${elsewhere.home.dir}`])
      await ensureDatabase(elsewhere.url('kept'))
      await elsewhere.stop()
      const again = await startPostgres({ dataDir: wanted, port: 0, durable: false })
      await query(again.url('kept'), 'SELECT 1')
      await again.stop()
    } finally {
      await elsewhere.stop()
      await removePostgresHome(elsewhere.home)
      await rm(dirname(wanted), { recursive: true, force: true })
    }
    await assert.rejects(stat(elsewhere.home.dir))
  })

  it('creates a database once, however often and by however many it is asked for', async () => {
    const url = server.url('o"dd näme')
    await Promise.all([ensureDatabase(url), ensureDatabase(url), ensureDatabase(url)])
    await ensureDatabase(url)
    assert.deepEqual(await query(url, 'SELECT current_database() AS name'), [{ name: 'o"dd näme' }])
  })
})

describe('the test database', () => {
  it('is empty and of its own for each that asks', async () => {
    const [one, two] = await Promise.all([testDatabase(), testDatabase()])
    assert.notEqual(one, two)
    await query(one, 'CREATE TABLE mine (n int)')
    assert.deepEqual(await query(two, `SELECT FROM pg_tables WHERE schemaname = 'public'`), [])
  })
})

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
