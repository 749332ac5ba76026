import { CompiledQuery } from 'kysely'
import type { Database } from '../../store/database.ts'
import { inRolledBack } from './in-rolled-back.ts'
import type { RecordedStatements } from './recorded-statements.ts'
import type { StoreUse } from './store-uses.ts'

/** Tables that grow with the orders. */
const GROWING = new Set([
  ...['orders', 'order_lines', 'payments', 'order_events', 'order_audit'],
  ...['orders_archive', 'order_lines_archive', 'payments_archive', 'order_audit_archive'],
])

/** The work of PostgreSQL for one use of the store, according to its plans. */
export interface Explained {
  /** Growing tables that were read from end to end. */
  scanned: string[]
  /** Rows of growing tables that were looked at, those that a filter threw away among them. */
  rowsRead: number
  /** Looks at growing tables, each one node of a plan. */
  looks: number
}

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: PlanNode[]
}

/** Runs a use, and then once more by EXPLAIN ANALYZE of the very statements that it sent; nothing of either stays. */
export async function explainUse(db: Database, recorded: RecordedStatements, use: StoreUse): Promise<Explained> {
  const sent = await inRolledBack(db, async (trx) => {
    const run = await use.prepare(trx, 0)
    return await recorded.during(run)
  })
  return await inRolledBack(db, async (trx) => {
    await use.prepare(trx, 0)
    const found: Explained = { scanned: [], rowsRead: 0, looks: 0 }
    for (const { text, parameters } of sent) {
      const explain = CompiledQuery.raw(`explain (analyze, format json) ${text}`, [...parameters])
      const { rows } = await trx.executeQuery<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(explain)
      for (const { Plan } of rows[0]?.['QUERY PLAN'] ?? []) note(Plan, found)
    }
    return found
  })
}

function note(node: PlanNode, found: Explained): void {
  const table = node['Relation Name']
  // A node that changes a table has its name too, and reads nothing; nor does one that was never run.
  if (table && GROWING.has(table) && node['Node Type'].endsWith('Scan')) {
    found.looks++
    const rows = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
    // Nothing is the whole of an archive to which nothing was moved yet.
    if (node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0 && rows > 0) found.scanned.push(table)
    found.rowsRead += Math.round(rows * node['Actual Loops'])
  }
  for (const part of node.Plans ?? []) note(part, found)
}
