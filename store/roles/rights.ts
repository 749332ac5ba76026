import type { Schema } from '../schema.ts'

type Right = 'select' | 'insert' | 'update' | 'delete'

/** Roles of PostgreSQL beside the owner of the tables, who alone creates, alters and drops them (`npm run migrate`). */
export type RoleKind = 'app' | 'operator'

type Table = keyof Schema | 'store_probe' | 'imported_carts' | `${'orders' | 'order_lines' | 'payments' | 'order_audit'}_archive`

const READ: Right[] = ['select']
const APPEND: Right[] = ['select', 'insert']
const KEEP: Right[] = ['select', 'insert', 'update']
const ALL: Right[] = ['select', 'insert', 'update', 'delete']

/**
 * Rights of each role on each table: what the statements of the store need, and no more. `app` is starters and workers, `operator` the verbs of
 * `npm run orders`. Nobody but the owner changes the audit trail or deletes an order, and an import is the owner's as well: it replaces rows of before.
 * A table that is missing here is nobody's but the owner's.
 */
export const RIGHTS: Readonly<Record<Table, Readonly<Record<RoleKind, readonly Right[]>>>> = {
  orders: { app: KEEP, operator: KEEP },
  order_lines: { app: APPEND, operator: APPEND },
  // Orders that are kept or confirmed again take their goods out of the cart.
  cart_items: { app: ALL, operator: ['select', 'update', 'delete'] },
  cart_revisions: { app: KEEP, operator: [] },
  cart_additions: { app: ALL, operator: [] },
  cart_refusals: { app: ALL, operator: [] },
  payments: { app: KEEP, operator: ['select', 'update'] },
  // The triggers of orders and payments write them in the name of whoever changes the row.
  order_events: { app: ['select', 'insert', 'delete'], operator: APPEND },
  event_cursors: { app: KEEP, operator: READ },
  event_retries: { app: ALL, operator: ALL },
  order_audit: { app: APPEND, operator: APPEND },
  // To delete the key of a user erases their recipients for good: only an operator does.
  recipient_keys: { app: KEEP, operator: ALL },
  recipient_log: { app: ['insert'], operator: APPEND },
  stock_baselines: { app: KEEP, operator: KEEP },
  reconciliations: { app: APPEND, operator: APPEND },
  store_probe: { app: ['select', 'update'], operator: [] },
  imported_carts: { app: [], operator: [] },
  // Reached by way of the tables from which they inherit, with the rights on those. Orders come into them by archive_orders alone.
  orders_archive: { app: [], operator: [] },
  order_lines_archive: { app: [], operator: [] },
  payments_archive: { app: [], operator: [] },
  order_audit_archive: { app: [], operator: [] },
}

/** Functions that run in the name of the owner of the tables, and hence are nobody else's but for these roles: each does one thing that their rights do not allow. */
export const FUNCTIONS: Readonly<Record<string, readonly RoleKind[]>> = {
  'archive_orders(interval, integer)': ['app', 'operator'],
}

/** Columns that a role fills in a table in which PostgreSQL itself fills the others: it can't say who it is, nor when. */
export const INSERTED: Partial<Record<Table, readonly string[]>> = {
  order_audit: ['order_sn', 'verb', 'by', 'why', 'before', 'after'],
  recipient_log: ['verb', 'user_id', 'order_sn', 'by', 'why'],
}
