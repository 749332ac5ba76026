import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import type { Database } from '../../../store/database.ts'
import { until } from '../../e2e/faults/until.ts'

/** Time between two looks that both have to be quiet: what is on its way to the store when its run ends has arrived by then. */
const BETWEEN_LOOKS_MS = 1_000

interface Settling {
  client: Client
  db: Database
}

/** Waits until no order is CREATING or owes anything, nor any run of one is open. */
export async function untilSettled({ client, db }: Settling): Promise<void> {
  const look = async () => {
    const open = "ExecutionStatus = 'Running' AND WorkflowType IN ('createOrder', 'createOrders', 'settleOrder')"
    const { count } = await client.workflow.count(open)
    assert.equal(count, 0, `${count} runs are open`)
    const unsettled = await db
      .selectFrom('orders')
      .select('order_sn')
      .where((row) => row.or([row('status', '=', 'CREATING'), row('stock_state', 'not in', ['none', 'sold', 'returned'])]))
      .execute()
    assert.equal(unsettled.length, 0, `${unsettled.length} orders are not settled`)
  }
  await until('all is settled', async () => {
    await look()
    await sleep(BETWEEN_LOOKS_MS)
    await look()
  })
}
