import assert from 'node:assert/strict'
import { chmod, chown, copyFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { type PostgresServer, startPostgres } from '../../dev/postgres.ts'
import type { Database } from '../../store/database.ts'
import { reachPostgres } from '../../store/reach-postgres.ts'
import { until } from '../e2e/faults/until.ts'
import { certificate } from '../support/certificate.ts'
import { tempDir } from '../support/temp-dir.ts'
import { connectPatiently } from '../support/test-store.ts'

describe('a PostgreSQL with a certificate', () => {
  let server: PostgresServer
  let plain: Database
  const opened: Database[] = []

  before(async () => {
    server = await startPostgres({ dataDir: await tempDir(), port: 0, durable: false })
    plain = connectPatiently(server.url('postgres'))
    await present('first')
  })

  after(async () => {
    await Promise.all([...opened, plain].map((db) => db.destroy()))
    await server.stop()
  })

  /** Has the server present this certificate to connections that begin from now on. */
  async function present(name: 'first' | 'elsewhere'): Promise<void> {
    const cluster = join(server.home.dir, 'cluster')
    const { uid, gid } = await stat(cluster)
    for (const kind of ['pem', 'key'] as const) {
      const path = join(cluster, `server.${kind}`)
      await copyFile(certificate(`${name}.${kind}`), path)
      await chown(path, uid, gid)
      await chmod(path, 0o600)
    }
    for (const [setting, value] of [
      ['ssl_cert_file', 'server.pem'],
      ['ssl_key_file', 'server.key'],
      ['ssl', 'on'],
    ] as const)
      await sql`alter system set ${sql.ref(setting)} = ${sql.lit(value)}`.execute(plain)
    await sql`select pg_reload_conf()`.execute(plain)
  }

  function connect(ca: 'ca.pem' | 'other-ca.pem') {
    const url = new URL(server.url('postgres'))
    url.searchParams.set('sslmode', 'verify-full')
    url.searchParams.set('sslrootcert', certificate(ca))
    const db = connectPatiently(url.href)
    opened.push(db)
    return { db, url: url.href }
  }

  const reach = async (ca: 'ca.pem' | 'other-ca.pem') => {
    const { db, url } = connect(ca)
    await reachPostgres(db, url, 'server')
    const { rows } = await sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(db)
    return rows[0]?.ssl
  }

  it('is spoken to over TLS by sslmode=verify-full, if its certificate is of the authorities of sslrootcert', async () => {
    await until('it has TLS', async () => assert.equal(await reach('ca.pem'), true))
  })

  it('of other authorities is refused, and the setting is named', async () => {
    await assert.rejects(reach('other-ca.pem'), /PostgreSQL can't be used at .*certificate.*DATABASE_URL/)
  })

  it('with the certificate of another host is refused, and the setting is named', async () => {
    await present('elsewhere')
    await until('it presents the other one', async () =>
      assert.rejects(reach('ca.pem'), /PostgreSQL can't be used at .*(altnames|Host).*DATABASE_URL/),
    )
  })
})
