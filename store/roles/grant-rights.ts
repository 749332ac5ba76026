import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Database } from '../database.ts'
import type { Schema } from '../schema.ts'
import { FUNCTIONS, INSERTED, RIGHTS, type RoleKind } from './rights.ts'

/** Key of the advisory lock under which rights are granted: two grants at once on one table refuse each other. */
const GRANTING = 1_667_330_681
/** SQLSTATE insufficient_privilege. */
const NOT_ALLOWED = '42501'

/**
 * Gives roles what they need on the tables of the schema, and takes from them whatever else they had there. A role that is missing is created, and
 * can't log in by itself: accounts that can are its members. Whoever uses the tables meanwhile does not notice.
 * @returns a line for each role; without roles, one if others than the owner have rights, which are not renewed then
 * @throws Error if a role is missing and may not be created, or is the owner of the tables
 */
export async function grantRights(db: Database, roles: Partial<Record<RoleKind, string | undefined>>): Promise<string[]> {
  const asked = (['app', 'operator'] as const).flatMap((kind) => (roles[kind] ? [{ kind, role: roles[kind] }] : []))
  if (asked.length === 0) return await unrenewed(db)
  if (roles.app === roles.operator)
    throw new Error(`DATABASE_APP_ROLE and DATABASE_OPERATOR_ROLE are both ${roles.app}: name two roles`)
  return await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${GRANTING}::bigint)`.execute(trx)
    for (const { kind, role } of asked) await grantTo(trx, kind, role)
    return asked.map(({ kind, role }) => `${role} has the rights of ${kind}`)
  })
}

async function grantTo(trx: Transaction<Schema>, kind: RoleKind, role: string): Promise<void> {
  const run = (statement: RawBuilder<unknown>) => statement.execute(trx)
  const to = sql.id(role)
  await createUnlessThere(trx, role)
  const { rows } = await sql<{ schema: string; isOwner: boolean; creates: boolean }>`
    select current_schema() as schema, pg_has_role(${role}, c.relowner, 'usage') as "isOwner",
      has_schema_privilege(${role}, current_schema(), 'create') as creates
    from pg_class c where c.oid = 'orders'::regclass`.execute(trx)
  const [{ schema, isOwner, creates } = { schema: 'public', isOwner: false, creates: false }] = rows
  if (isOwner) throw new Error(`the role ${role} owns the tables, or is a member of their owner: name another for ${kind}`)
  // Up to PostgreSQL 14 everybody may create tables in public.
  if (creates) await run(sql`revoke create on schema ${sql.id(schema)} from public, ${to}`)
  await run(sql`revoke all on all tables in schema ${sql.id(schema)} from ${to}`)
  await run(sql`revoke all on all sequences in schema ${sql.id(schema)} from ${to}`)
  await run(sql`grant usage on schema ${sql.id(schema)} to ${to}`)
  for (const [table, rights] of Object.entries(RIGHTS)) {
    const columns = INSERTED[table as keyof typeof RIGHTS]
    for (const right of rights[kind]) {
      const of = right === 'insert' && columns ? sql` (${sql.join(columns.map((column) => sql.id(column)))})` : sql``
      await run(sql`grant ${sql.raw(right)}${of} on ${sql.id(table)} to ${to}`)
    }
  }
  for (const [name, kinds] of Object.entries(FUNCTIONS)) {
    if (kinds.includes(kind)) await run(sql`grant execute on function ${sql.raw(name)} to ${to}`)
  }
}

async function createUnlessThere(trx: Transaction<Schema>, role: string): Promise<void> {
  const { rows } = await sql`select 1 from pg_roles where rolname = ${role}`.execute(trx)
  if (rows.length > 0) return
  await sql`create role ${sql.id(role)} nologin`.execute(trx).catch((error: Error & { code?: string }) => {
    if (error.code !== NOT_ALLOWED) throw error
    throw new Error(
      `there is no role ${role}, and the account of DATABASE_URL may not create it: have "create role ${role}" run, then migrate again`,
    )
  })
}

/** Returns a line about the roles that were named at an earlier migration: what this one has added is the owner's alone. */
async function unrenewed(db: Database): Promise<string[]> {
  const { rows } = await sql<{ role: string }>`
    select distinct r.rolname as role from pg_class c, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
    where c.oid = 'orders'::regclass and a.grantee <> c.relowner order by 1`.execute(db)
  const names = rows.map(({ role }) => role).join(', ')
  if (names === '') return []
  return [
    `the rights of ${names} are as they were: name them in DATABASE_APP_ROLE and DATABASE_OPERATOR_ROLE, and they are renewed`,
  ]
}
