import assert from 'node:assert/strict'
import pg from 'pg'
import { until } from '../../../e2e/faults/until.ts'
import { testDatabase } from '../../../support/postgres.ts'
import { type RequestFault, TcpProxy } from './tcp-proxy.ts'

const INSERT = 'insert into t values ($1)'

describe('the TCP proxy in front of PostgreSQL', () => {
  let url: string
  let proxy: TcpProxy
  let direct: pg.Client
  let near: pg.Client

  before(async () => {
    url = await testDatabase()
    direct = await connected(url)
    await direct.query('create table t (i integer)')
    proxy = await TcpProxy.beforeUrl(url)
  })

  beforeEach(async () => {
    await direct.query('truncate t')
    near = await connected(proxy.urlFor(url))
  })

  afterEach(async () => {
    await near.end().catch(() => {})
  })

  after(async () => {
    await proxy.close()
    await direct.end()
  })

  it('passes statements and replies as they are', async () => {
    await near.query(INSERT, [1])
    assert.deepEqual(await stored(), [1])
  })

  it('breaks the connection before a statement is delivered', async () => {
    befallInsert({ deliver: false, answer: 'reset' })
    await assert.rejects(near.query(INSERT, [1]))
    assert.deepEqual(await stored(), [])
  })

  it('breaks the connection when a statement was applied', async () => {
    befallInsert({ answer: 'reset' })
    await assert.rejects(near.query(INSERT, [1]))
    assert.deepEqual(await stored(), [1])
  })

  it('delivers a statement when its client has gone', async () => {
    let delivered = false
    const onDelivered = () => {
      delivered = true
    }
    befallInsert({ after: 'given up', answer: 'nothing', onDelivered })
    const asked = assert.rejects(near.query(INSERT, [1]))
    const { stream } = (near as unknown as { connection: { stream: { destroy(): void } } }).connection
    stream.destroy()
    await asked
    await until('the late statement is applied', () => assert.ok(delivered))
    assert.deepEqual(await stored(), [1])
  })

  it('refuses connections while it is cut, and serves again', async () => {
    await proxy.cut()
    await assert.rejects(near.query(INSERT, [1]))
    await assert.rejects(connected(proxy.urlFor(url)), { code: 'ECONNREFUSED' })
    await proxy.mend()
    near = await connected(proxy.urlFor(url))
    await near.query(INSERT, [2])
    assert.deepEqual(await stored(), [2])
  })

  it('swallows what is sent while it is silent', async () => {
    proxy.silence()
    const asked = near.query(INSERT, [1]).then(
      () => 'answered',
      () => 'broken',
    )
    near.on('error', () => {})
    const other = await connected(proxy.urlFor(url))
    await other.query(INSERT, [2])
    await other.end()
    proxy.breakConnections()
    assert.equal(await asked, 'broken')
    assert.deepEqual(await stored(), [2])
  })

  function befallInsert(fault: RequestFault): void {
    proxy.befall = (request) => {
      if (!request.includes('insert into t')) return undefined
      proxy.befall = () => undefined
      return fault
    }
  }

  async function stored(): Promise<number[]> {
    const { rows } = await direct.query<{ i: number }>('select i from t order by i')
    return rows.map(({ i }) => i)
  }
})

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}
