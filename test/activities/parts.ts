import { setTimeout as sleep } from 'node:timers/promises'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import pg from 'pg'
import pino from 'pino'
import { createActivities } from '../../activities/create-activities.ts'
import type { Deps } from '../../activities/deps.ts'
import { GoodsClient } from '../../clients/goods-client.ts'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { UserClient } from '../../clients/user-client.ts'
import type { Activities } from '../../contracts/activities.ts'
import { startGoods } from '../../services/goods/goods-service.ts'
import { startInventory } from '../../services/inventory/inventory-service.ts'
import { startUser } from '../../services/user/user-service.ts'
import { connectDatabase } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { orderStore } from '../../store/order-store.ts'
import { DatabaseProxy } from '../services/database-proxy.ts'
import { InventoryClient as Stock } from '../services/inventory-client.ts'
import { attendanceAmong } from '../support/attendance-among.ts'
import { testDatabase } from '../support/postgres.ts'

/** Deadline of the calls to a party that is to be missed. */
const SHORT_MS = 300
const WORKFLOW_ID = 'a-test'

const log = pino({ level: 'silent' })

/** Every real party of the activities, each on a free port, and the order store behind a proxy that can be cut. */
export async function startParts({ log: onStatement }: { log?: NonNullable<Parameters<typeof connectDatabase>[1]>['log'] } = {}) {
  const databaseUrl = await testDatabase()
  const proxy = await DatabaseProxy.before(databaseUrl)
  const db = connectDatabase(proxy.url, { log: onStatement })
  await migrate(db)
  const orders = orderStore(db)
  const services = await Promise.all([
    startGoods({ setting: 'GOODS_ADDR', address: '127.0.0.1:0' }, log),
    startInventory({ setting: 'INVENTORY_ADDR', address: '127.0.0.1:0' }, await testDatabase(), log),
    startUser({ setting: 'USER_ADDR', address: '127.0.0.1:0' }, log),
  ])
  const [goodsTarget, inventoryTarget, userTarget] = services.map(({ address }) => address) as [string, string, string]
  const stock = new Stock(inventoryTarget)
  const clients = {
    goods: new GoodsClient({ target: goodsTarget, deadlineMs: 5_000 }),
    inventory: new InventoryClient({ target: inventoryTarget, deadlineMs: 3_000 }),
    users: new UserClient({ target: userTarget, deadlineMs: 2_000 }),
  }
  const batches: string[] = []
  const open = new Set<string>()
  const deps: Deps = {
    ...clients,
    orders,
    currency: 'CNY',
    attendanceOf: async (order) => attendanceAmong(open, order),
    answerGiven: async () => undefined,
    startOwnRun: async () => {},
    startSettling: async () => {},
    sweepAfterMs: 0,
    onBatch: (service, operation, size) => batches.push(`${service}/${operation} ${size}`),
  }
  return {
    proxy,
    clients,
    db,
    orders,
    stock,
    /** Sizes of the calls made, by method. */
    batches,
    /** Ids of the runs that are said to be open. */
    open,
    /** The activities over these parts, each called as a worker would. */
    activities: (other: Partial<Deps> = {}) => asCalledByWorker(createActivities({ ...deps, ...other })),
    /** The same as a test calls them by itself. */
    bareActivities: (other: Partial<Deps> = {}) => createActivities({ ...deps, ...other }),
    /** Runs a story while the row of this order is locked by somebody else; `waiting` resolves when a statement waits for it. */
    whileLocked: <T>(orderSn: string, story: (waiting: () => Promise<void>) => Promise<T>) =>
      whileLocked(databaseUrl, orderSn, story),
    async stop() {
      for (const one of [stock, ...services]) await one.stop()
      for (const client of Object.values(clients)) client.close()
      await db.destroy()
      await proxy.close()
    },
  }
}

export type Parts = Awaited<ReturnType<typeof startParts>>

/** Clients of one target that is away or never answers. */
export function missing(target: string) {
  const options = { target, deadlineMs: SHORT_MS }
  const clients = { goods: new GoodsClient(options), inventory: new InventoryClient(options), users: new UserClient(options) }
  return {
    ...clients,
    close() {
      for (const client of Object.values(clients)) client.close()
    },
  }
}

async function whileLocked<T>(
  databaseUrl: string,
  orderSn: string,
  story: (waiting: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const rival = new pg.Client(databaseUrl)
  await rival.connect()
  try {
    await rival.query('begin')
    await rival.query('select 1 from orders where order_sn = $1 for update', [orderSn])
    return await story(async () => {
      const waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
      while ((await rival.query(waiting)).rowCount === 0) await sleep(10)
    })
  } finally {
    await rival.end()
  }
}

function asCalledByWorker(activities: Activities): Activities {
  // Above the deadlines of the clients, as in workflows/steps.ts: the environment's own is 1 s.
  const info = { workflowExecution: { workflowId: WORKFLOW_ID, runId: 'a-run' }, startToCloseTimeoutMs: 6_000 }
  // One for each attempt, whose time begins with it.
  const attempt = () => new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') })
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [
      name,
      (...args: never[]) => attempt().run(activity as (...args: never[]) => Promise<unknown>, ...args),
    ]),
  ) as unknown as Activities
}
