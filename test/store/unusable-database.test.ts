import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { callStore } from '../../activities/order-store-call.ts'
import { stored } from '../../api/stored.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { type PostgresServer, startPostgres } from '../../dev/postgres.ts'
import { connectDatabase, type Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { until } from '../e2e/faults/until.ts'
import { onEnd } from '../support/on-end.ts'
import { tempDir } from '../support/temp-dir.ts'
import { connectPatiently } from '../support/test-store.ts'

/** State into which an operator, a failover or a fault brings PostgreSQL, as its superuser, and how it is undone. */
interface State {
  does: string
  undo: string
  /** SQLSTATEs that a statement may meet in it. */
  states: string[]
  /** Connections that are there go on as before; by ending them the state is met at once. */
  endConnections?: true
}

const FAIL_WITH = (state: string) => `
  create or replace function fail() returns trigger language plpgsql as $$ begin raise sqlstate '${state}'; end $$;
  create trigger fail before insert or update on orders for each row execute function fail();
  create trigger fail before insert or update on store_probe for each row execute function fail()`
const NO_LONGER = 'drop trigger fail on orders; drop trigger fail on store_probe'

const STATES: Record<string, State> = {
  'takes no connections to the database': {
    does: 'alter database shop allow_connections false',
    undo: 'alter database shop allow_connections true',
    states: ['55000'],
    endConnections: true,
  },
  'has another password for us': {
    does: "alter role app password 'rotated'",
    undo: "alter role app password 'app'",
    states: ['28P01'],
    endConnections: true,
  },
  'does not let us in': { does: 'alter role app nologin', undo: 'alter role app login', states: ['28000'], endConnections: true },
  'has lost the database': {
    does: 'alter database shop rename to gone',
    undo: 'alter database gone rename to shop',
    states: ['3D000'],
    endConnections: true,
  },
  'is set to read-only': {
    does: 'alter database shop set default_transaction_read_only = on',
    undo: 'alter database shop reset default_transaction_read_only',
    states: ['25006'],
    endConnections: true,
  },
  'has too many connections': {
    does: 'alter role app connection limit 0',
    undo: 'alter role app connection limit -1',
    states: ['53300'],
    endConnections: true,
  },
  'has a full disk': { does: FAIL_WITH('53100'), undo: NO_LONGER, states: ['53100'] },
  'is out of memory': { does: FAIL_WITH('53200'), undo: NO_LONGER, states: ['53200'] },
  'reads a broken disk': { does: FAIL_WITH('58030'), undo: NO_LONGER, states: ['58030'] },
  'finds its data corrupted': { does: FAIL_WITH('XX001'), undo: NO_LONGER, states: ['XX001'] },
  'lets every statement lose a race': { does: FAIL_WITH('40001'), undo: NO_LONGER, states: ['40001'] },
  'finds every statement in a deadlock': { does: FAIL_WITH('40P01'), undo: NO_LONGER, states: ['40P01'] },
  'says what no list knows': { does: FAIL_WITH('CR042'), undo: NO_LONGER, states: ['CR042'] },
  'has taken our rights away': {
    does: 'revoke all on orders, store_probe from app',
    undo: 'grant all on orders, store_probe to app',
    states: ['42501'],
  },
  'lacks a table that a migration brings': {
    does: 'alter table orders rename to later; alter table store_probe rename to later_probe',
    undo: 'alter table later rename to orders; alter table later_probe rename to store_probe',
    states: ['42P01'],
  },
  'lacks the orders themselves': {
    does: 'alter table orders rename to later',
    undo: 'alter table later rename to orders',
    states: ['42P01'],
  },
  'lacks a column that a migration brings': {
    does: 'alter table orders rename stock_state to later; alter table store_probe rename at to later',
    undo: 'alter table orders rename later to stock_state; alter table store_probe rename later to at',
    states: ['42703'],
  },
}

describe('a PostgreSQL that can not be used', () => {
  let server: PostgresServer
  let admin: pg.Client
  let shop: pg.Client
  let db: Database
  let orders: OrderStore
  let probe: OrderStore
  let user = 0

  before(async () => {
    server = await startPostgres({ dataDir: await tempDir(), port: 0, durable: false })
    onEnd(() => server.stop())
    admin = await superuser('postgres')
    await admin.query("create role app login password 'app'")
    await admin.query('create database shop')
    await connectShop()
    const migrated = connectPatiently(server.url('shop'))
    await migrate(migrated)
    await migrated.destroy()
    await shop.query('grant all on all tables in schema public to app')
    const url = new URL(server.url('shop'))
    url.username = url.password = 'app'
    db = connectDatabase(url.href, { statementTimeoutMs: 2_000 })
    orders = orderStore(db)
    probe = orderStore(connectPatiently(url.href, { max: 1, maxUses: 3 }))
  })

  after(async () => {
    await db.destroy()
    await admin.end()
    await shop.end().catch(() => {})
  })

  async function superuser(database: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: server.url(database) })
    client.on('error', () => {})
    await client.connect()
    return client
  }

  async function connectShop() {
    shop = await superuser('shop')
  }

  async function endConnections() {
    await admin.query("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname in ('shop', 'gone')")
    await shop.end().catch(() => {})
  }

  function open() {
    const asked = {
      userId: ++user,
      requestId: randomUUID(),
      address: 'a',
      name: 'n',
      mobile: 'm',
      lines: [{ goodsId: 1, num: 1 }],
    }
    const keys = { orderSn: orderSnOf(asked), fingerprint: fingerprintOf(asked), workflowId: 'w', keyed: true }
    return orders.openOrders([{ ...asked, ...keys }])
  }

  /** Every way in which a failure of the store goes out says "later", with that state. */
  async function saysLater(states: RegExp, ask: () => Promise<unknown> = open) {
    const [step, answer] = await Promise.all(
      [callStore('openOrders', ask), stored(ask)].map((asked) =>
        asked.then(
          () => assert.fail('it could be used'),
          (error: unknown) => error as Error & { nonRetryable?: boolean },
        ),
      ),
    )
    for (const failure of [step, answer]) {
      assert.equal(failureIn(failure)?.type, 'ServiceUnavailable', failure?.message)
      assert.equal(failure?.nonRetryable, false)
      assert.match(failure?.message ?? '', states)
    }
  }

  const probeFails = () => until('the probe meets it', () => assert.rejects(probe.proveWritable()))
  const works = () =>
    until('it is used again', async () => {
      await open()
      await probe.proveWritable()
    })

  for (const [what, { does, undo, states, endConnections: end }] of Object.entries(STATES)) {
    it(`is asked again later, and found out by the probe, when it ${what} (${states.join(', ')})`, async () => {
      await works()
      await (end ? admin : shop).query(end ? 'select' : does)
      if (end) {
        await endConnections()
        await admin.query(does)
      }
      try {
        await saysLater(new RegExp(`\\((${states.join('|')})\\)`))
        await probeFails()
      } finally {
        await (end ? admin : shop).query(undo)
        if (end) await connectShop()
      }
      // On the same pool, with nothing restarted.
      await works()
    })
  }

  it('is found out by the probe alone when only files that grow meet a full disk', async () => {
    await shop.query('alter role app set temp_file_limit = 0')
    try {
      await until('the probe meets it', () => assert.rejects(probe.proveWritable(), { code: '53400' }))
    } finally {
      await shop.query('alter role app reset temp_file_limit')
    }
    await works()
  })

  it('is asked again later when somebody holds what a statement needs (57014), or for longer than we wait for a lock (55P03)', async () => {
    const holding = async (states: RegExp) => {
      await shop.query('begin; lock table orders')
      try {
        await saysLater(states)
      } finally {
        await shop.query('rollback')
      }
    }
    await holding(/\(57014\)/)
    await admin.query("alter role app set lock_timeout = '100ms'")
    await endConnections()
    await connectShop()
    await works()
    await holding(/\(55P03\)/)
    await admin.query('alter role app reset lock_timeout')
    await endConnections()
    await connectShop()
    await works()
  })

  for (const state of ['40001', '40P01']) {
    it(`is asked five times at once by a statement that loses its race (${state}), and again later when it has lost all of them`, async () => {
      await shop.query(`
        create sequence tries;
        create function loses() returns trigger language plpgsql security definer as $$
        begin
          if nextval('tries') < 1000 then raise exception 'lost' using errcode = '${state}'; end if;
          return new;
        end $$;
        create trigger loses before insert on orders for each row execute function loses()`)
      try {
        await saysLater(new RegExp(state))
        assert.equal((await shop.query('select last_value from tries')).rows[0].last_value, '10', 'five times by each of two')
        await shop.query('alter sequence tries restart 996')
        await open()
      } finally {
        await shop.query('drop function loses cascade; drop sequence tries')
      }
    })
  }

  it('is asked again later when an administrator ends the session in the middle (57P01)', async () => {
    await shop.query('begin; lock table orders')
    const later = saysLater(/\((57P01|ECONNRESET|Error)\)/)
    await until('both wait', async () => {
      const { rows } = await admin.query("select pid from pg_stat_activity where usename = 'app' and wait_event_type = 'Lock'")
      assert.equal(rows.length, 2)
    })
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'")
    await later
    await shop.query('rollback')
    await works()
  })

  it('is asked again later while it shuts down or starts (57P03), and after its crash (57P02)', async () => {
    await shop.query('begin; lock table orders')
    const crashed = saysLater(/\((57P02|57P03|ECONNRESET|ECONNREFUSED|Error)\)/)
    const { rows } = await until('both wait', async () => {
      const waiting = await admin.query("select pid from pg_stat_activity where usename = 'app' and wait_event_type = 'Lock'")
      assert.equal(waiting.rows.length, 2)
      return await admin.query<{ pid: number }>('select pg_backend_pid() as pid')
    })
    process.kill(rows[0]?.pid as number, 'SIGKILL')
    await crashed
    await works()
    admin = await superuser('postgres')
    // A smart shutdown waits for whoever is connected, and lets nobody else in.
    await db.destroy()
    db = connectPatiently(server.url('shop'))
    orders = orderStore(db)
    process.kill(server.pid, 'SIGTERM')
    await until('it shuts down', () => saysLater(/\(57P03\)/))
    await admin.end()
    await server.exited
    await saysLater(/\(ECONNREFUSED\)/)
  })
})
