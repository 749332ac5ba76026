import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { startStack } from '../../../dev/stack.ts'
import { connectDatabase } from '../../../store/database.ts'
import { until } from '../../e2e/faults/until.ts'
import { call } from '../../e2e/shop.ts'
import { everyUser } from '../../support/every-user.ts'
import type { Books } from '../chaos/books.ts'
import type { Bought } from './buyers.ts'
import { ReplicatedPostgres } from './replicated-postgres.ts'
import { type FailoverReport, runFailover } from './run-failover.ts'

/** The sweep comes soon and often, so that what it would close wrongly is closed while we look. */
const SWEEP_AFTER_MS = 30_001
const SWEEP_EVERY_MS = 5_000
const SETTINGS = {
  ...{ SWEEP_AFTER_MS: `${SWEEP_AFTER_MS}`, SWEEP_EVERY_MS: `${SWEEP_EVERY_MS}`, RECONCILE_EVERY_MS: '600000' },
  ...{ HTTP_WAIT_MS: '5000', LOG_LEVEL: 'warn' },
}
/** Time for which the stream is broken before the primary is killed: what is answered meanwhile is on the primary alone. Milliseconds. */
const LINK_GONE_MS = 2_000

export interface PostgresOptions {
  seed: number
  orders: number
  perSecond: number
  synchronous: boolean
  /** Emptied first. */
  dataDir: string
  log: (line: string) => void
}

/** The primary of the orders' PostgreSQL is killed under load, a moment after its stream broke, and its standby promoted. */
export async function postgresFailover(options: PostgresOptions): Promise<FailoverReport> {
  const { synchronous, dataDir, log } = options
  const postgres = await ReplicatedPostgres.start({ synchronous })
  const users = await everyUser()
  const ends: (() => unknown)[] = [() => postgres.stop(), () => users.stop()]
  try {
    const databaseUrl = postgres.url('postgres')
    const env = { ...SETTINGS, USER_TARGET: users.address }
    const stack = await startStack({ dataDir, log, anyPorts: true, reset: true, databaseUrl, env })
    const killAll = () => stack.killAll()
    process.once('exit', killAll)
    ends.push(async () => {
      await stack.stop()
      process.off('exit', killAll)
    })
    const { address, namespace } = stack.temporal
    const client = new Client({ connection: await Connection.connect({ address }), namespace })
    const db = connectDatabase(databaseUrl, { statementTimeoutMs: 60_000 })
    ends.push(
      () => client.connection.close(),
      () => db.destroy(),
    )
    return await runFailover(
      {
        ...{ client, db, httpUrl: stack.httpUrl, inventoryAddress: `127.0.0.1:${stack.ports.inventory}` },
        async strike() {
          log('the stream to the standby breaks')
          await postgres.cutLink()
          await sleep(LINK_GONE_MS)
          const promoted = postgres.failOver()
          postgres.killPrimary()
          const struckAt = Date.now()
          log('kill -9 of the primary')
          const { decidedAt, servesAt } = await promoted
          log(`the standby is the primary: decided after ${decidedAt - struckAt} ms, serves after ${servesAt - struckAt} ms`)
          return { struckAt, servesAt }
        },
        mend: async (books, asked) => await restoreLost(stack.httpUrl, { books, asked, synchronous, log, db }),
      },
      options,
    )
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

interface Lost {
  books: Books
  asked: readonly Bought[]
  synchronous: boolean
  log: (line: string) => void
  db: ReturnType<typeof connectDatabase>
}

/**
 * Finds the orders that were answered 201 and that the promoted standby lacks, shows that no sweep closes them and that the comparison names each, and
 * confirms them again by the operators' verb.
 * @throws AssertionError if a synchronous standby lacks any, or one is not found, or closed
 */
async function restoreLost(httpUrl: string, { books, asked, synchronous, log, db }: Lost): Promise<ReadonlySet<string>> {
  const rows = new Map(books.orders.map((row) => [row.orderSn, row]))
  const created = asked.filter(({ told }) => told.some(({ kind }) => kind === 'created'))
  const lost = created.map(({ orderSn }) => orderSn).filter((orderSn) => !rows.get(orderSn)?.isConfirmed)
  const creating = lost.filter((orderSn) => rows.has(orderSn))
  log(
    `${created.length} orders were answered 201; of these the store lacks ${lost.length}, ${creating.length} of them being CREATING again`,
  )
  if (synchronous) assert.deepEqual(lost, [], 'a synchronous standby lacks orders that were answered 201')
  if (lost.length === 0) return new Set()

  // Two sweeps behind the age from which they look at an order.
  await sleep(SWEEP_AFTER_MS + 2 * SWEEP_EVERY_MS)
  const now = await db.selectFrom('orders').select(['order_sn', 'status']).where('order_sn', 'in', lost).execute()
  const closed = now.filter(({ status }) => status === 'TRADE_CLOSED').map(({ order_sn }) => order_sn)
  assert.deepEqual(closed, [], 'the sweep closed orders that were answered 201')
  const { body } = await call(`${httpUrl}/operator/reconciliation`)
  const { findings } = body.data as { findings: { orderSn?: string; kind: string }[] }
  const found = findings.filter(({ kind }) => kind === 'answered-confirmed' || kind === 'answered-without-order')
  assert.deepEqual(
    found.map(({ orderSn }) => orderSn).sort(),
    [...lost].sort(),
    'the comparison names other orders than those that are lost',
  )
  log(`the sweep closed none of them, and reconcile names all ${found.length}: resolve --as-answered, one by one`)
  for (const orderSn of lost) {
    await until(`order ${orderSn} is confirmed again`, async () => {
      const answer = await call(`${httpUrl}/operator/orders/${orderSn}/resolve`, {
        method: 'POST',
        body: { verdict: 'asAnswered', by: 'failover', why: 'the standby lacked it' },
      })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
    })
  }
  return new Set(lost)
}
