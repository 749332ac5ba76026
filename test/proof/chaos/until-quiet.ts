import { setTimeout as sleep } from 'node:timers/promises'
import { WORKFLOW_TYPES } from '../../../contracts/create-order.ts'
import { UNPAID_STATUSES } from '../../../contracts/order.ts'
import { attendanceOf } from '../../../temporal/attendance.ts'
import type { ChaosShop } from './chaos-shop.ts'
import type { Violation } from './judge.ts'

/** The 30 s within which a saga ends, unless it has something to undo (workflows/budget.ts). */
const BUDGET_MS = 30_000
const LOOK_EVERY_MS = 500
/**
 * Number of quiet looks in a row after which all is quiet: what is on its way to the store when its run ends has arrived by
 * then.
 */
const QUIET_LOOKS = 3
/** Named in full; more are counted. */
const NAMED = 20

const OF_ORDERS = [WORKFLOW_TYPES.createOrder, WORKFLOW_TYPES.createOrders, WORKFLOW_TYPES.settleOrder]
const OPEN_RUNS = `ExecutionStatus = 'Running' AND WorkflowType IN (${OF_ORDERS.map((type) => `'${type}'`).join(', ')})`

/**
 * Waits until no run of an order is open, no row unsettled and none unpaid, which expires, now that nothing goes wrong any more; for as long as they become fewer.
 * @param stillMs how long they may stay as many, in milliseconds
 * @returns what never ended
 */
export async function untilQuiet(shop: Pick<ChaosShop, 'client' | 'db'>, stillMs: number): Promise<Violation[]> {
  let quietLooks = 0
  let fewest = Number.POSITIVE_INFINITY
  for (let since = performance.now(); performance.now() - since < stillMs; await sleep(LOOK_EVERY_MS)) {
    // A part may be on its way up still.
    const open = await countOpen(shop).catch(() => Number.POSITIVE_INFINITY)
    quietLooks = open === 0 ? quietLooks + 1 : 0
    if (quietLooks === QUIET_LOOKS) return []
    if (open < fewest) [fewest, since] = [open, performance.now()]
  }
  const found = [...(await runsTooOld(shop)), ...(await rowsWithoutRun(shop))]
  return found.length > 0 ? found : [ending(`the shop did not become quiet: nothing ended in ${stillMs / 1_000} s`)]
}

/** @returns the runs that are open, and the rows that are unsettled */
async function countOpen({ client, db }: Pick<ChaosShop, 'client' | 'db'>): Promise<number> {
  const { count } = await client.workflow.count(OPEN_RUNS)
  return count + (await unsettled(db).execute()).length
}

function unsettled(db: ChaosShop['db']) {
  return db
    .selectFrom('orders')
    .select(['order_sn', 'user_id', 'request_id', 'workflow_id', 'status', 'stock_state'])
    .where((row) =>
      row.or([row('status', 'in', ['CREATING', ...UNPAID_STATUSES]), row('stock_state', 'not in', ['none', 'sold', 'returned'])]),
    )
}

async function runsTooOld({ client }: Pick<ChaosShop, 'client'>): Promise<Violation[]> {
  const found: Violation[] = []
  for await (const { workflowId, startTime } of client.workflow.list({ query: OPEN_RUNS })) {
    const age = Date.now() - startTime.getTime()
    if (age > BUDGET_MS) found.push(ending(`run ${workflowId} is open since ${Math.round(age / 1_000)} s`))
    if (found.length === NAMED) break
  }
  return found
}

async function rowsWithoutRun({ client, db }: Pick<ChaosShop, 'client' | 'db'>): Promise<Violation[]> {
  const rows = await unsettled(db).limit(NAMED).execute()
  return await Promise.all(
    rows.map(async (row) => {
      const { order_sn: orderSn, user_id: userId, request_id: requestId, workflow_id: workflowId } = row
      const { kind } = await attendanceOf(client, { orderSn, userId, requestId, workflowId, wasConfirmed: false })
      return ending(`order ${orderSn} is ${row.status}, its stock ${row.stock_state}, and ${kind}`)
    }),
  )
}

function ending(what: string): Violation {
  return { promise: 'everything comes to an end', what }
}
