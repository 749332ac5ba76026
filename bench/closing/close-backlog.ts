import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { CLOSE_EVERY_MS } from '../../contracts/time-budget.ts'
import type { Database } from '../../store/database.ts'
import { scheduleEvery } from '../../temporal/registration.ts'
import { type CellTask, measureCell } from '../measure-cell.ts'
import type { Parts } from '../parts.ts'
import type { Closing } from '../report/results.ts'
import type { RunningRow } from '../rows/running-row.ts'
import { insertUnpaid } from './unpaid-orders.ts'

const LOOK_EVERY_MS = 250

/** Creates without a backlog, and then with one that the Schedule closes meanwhile, as it does in production. */
export async function closeBacklog(
  row: RunningRow,
  db: Database,
  parts: Parts,
  task: CellTask,
  backlog: number,
): Promise<Closing['backlog']> {
  const alone = await measureCell(row, parts, task)
  await insertUnpaid(db, { from: 0, count: backlog, dueInSeconds: -3_600 })
  await scheduleEvery(parts.client, 'close-due-orders', row.taskQueue, CLOSE_EVERY_MS)
  const watch = watchLeft(db, backlog)
  try {
    const beside = await measureCell(row, parts, task)
    const givenBack = await watch.end()
    const { ordersPerSecond } = alone
    return {
      orders: backlog,
      alonePerSecond: ordersPerSecond,
      besidePerSecond: beside.ordersPerSecond,
      ...givenBack,
      ofCreation: givenBack.givenBackPerSecond / ordersPerSecond,
      creationKept: beside.ordersPerSecond / ordersPerSecond,
      load: beside.load,
    }
  } finally {
    await watch.end()
    await parts.client.schedule.getHandle('close-due-orders').delete()
  }
}

/** Looks at how many orders of the backlog still hold something, from the first that does not until it is asked to end, or none is left. */
function watchLeft(db: Database, backlog: number) {
  let from: { at: number; left: number } | undefined
  let to = { at: performance.now(), left: backlog }
  let over = false
  const watching = (async () => {
    while (!over && to.left > 0) {
      const { rows } = await sql<{ left: number }>`
        select ((select count(*) from orders where status in ('PAYING', 'WAIT_BUYER_PAY') and pay_deadline < now())
          + (select count(*) from orders where (status = 'CREATING' or owed <> '{}') and owed <> '{}'))::integer as left`.execute(
        db,
      )
      const left = rows[0]?.left ?? backlog
      if (left < to.left || from) {
        from ??= to
        to = { at: performance.now(), left }
      } else to = { at: performance.now(), left }
      await sleep(LOOK_EVERY_MS)
    }
  })()
  return {
    async end(): Promise<{ givenBack: number; givenBackPerSecond: number; left: number }> {
      over = true
      await watching
      const givenBack = from ? from.left - to.left : 0
      return { givenBack, left: to.left, givenBackPerSecond: from ? (givenBack * 1_000) / (to.at - from.at) : 0 }
    },
  }
}
