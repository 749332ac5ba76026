import { connectMysql } from '../../import/connect-mysql.ts'
import { importAll } from '../../import/import-all.ts'
import { MysqlSource } from '../../import/mysql-source.ts'
import type { Report } from '../../import/report.ts'
import type { Database } from '../../store/database.ts'
import { importedUsersAfter, putCarts } from '../../store/imported/put-carts.ts'
import { putOrders } from '../../store/imported/put-orders.ts'
import { raiseIds } from '../../store/imported/raise-ids.ts'

const QUIET = { show() {}, end() {} }

/** Imports a source as `npm run import` does, in this process. */
export async function imported(
  from: string,
  db: Database,
  { timezone = 'UTC', currency = 'CNY', digits = 2, dryRun = false } = {},
): Promise<Report> {
  const connection = await connectMysql(from)
  try {
    const as = { timezone, currency }
    const deps = {
      source: await MysqlSource.open(connection),
      putOrders: (orders: Parameters<typeof putOrders>[1]) => putOrders(db, orders, as, dryRun),
      putCarts: (carts: Parameters<typeof putCarts>[1]) => putCarts(db, carts, as, dryRun),
      importedUsersAfter: (userId: number) => importedUsersAfter(db, userId),
      raiseIds: async (highest: Parameters<typeof raiseIds>[1]) => {
        if (!dryRun) await raiseIds(db, highest)
      },
      digits,
    }
    return await importAll(deps, () => QUIET)
  } finally {
    await connection.end()
  }
}
