import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DummyDriver, Kysely, type Migration, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { judgeMigration } from './judge-migration.ts'

const FOLDER = join(import.meta.dirname, '../../store/migrations')
const NUMBERED = /^\d{4}-.*(?=\.ts$)/

/**
 * Breaches of the past, each as it begins, and why it was right all the same. What the release before does not read any more is
 * taken away by an exception here, which names the release that ceased to read it.
 */
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '0002-order-audit': {
    'alter table orders alter column order_sn type': 'nothing had been released: there was no table with rows',
    'alter table order_lines alter column order_sn type': 'as of orders',
  },
  '0003-unkeyed-stock': {
    'alter table orders add column keyed': 'of columns that came with them; nothing had been released',
    'create index orders_in_doubt': 'nothing had been released: the table was small',
  },
  '0005-owed': {
    'alter table orders add column held': 'of a column that came with it; nothing had been released',
    'update orders set owed': 'the orders in compensation, which are few; nothing had been released',
    'create index orders_owing': 'nothing had been released: the table was small',
  },
  '0018-recipients': {
    'alter table orders alter column': 'the type stays, so that no row is read: PostgreSQL forgets its statistics',
    'alter table cart_additions alter column key type': 'as of orders',
  },
}

describe('a migration', () => {
  const names = readdirSync(FOLDER).flatMap((file) => NUMBERED.exec(file)?.[0] ?? [])

  for (const name of names) {
    it(`leaves the release before all that it reads and writes, and holds nobody up: ${name}`, async () => {
      const exceptions = Object.keys(EXCEPTIONS[name] ?? {})
      const breaches = judgeMigration(await statementsOf(name))
      const isException = (breach: string) => exceptions.some((beginning) => breach.startsWith(beginning))
      assert.deepEqual(
        breaches.filter((breach) => !isException(breach)),
        [],
      )
      const unused = exceptions.filter((beginning) => !breaches.some((breach) => breach.startsWith(beginning)))
      assert.deepEqual(unused, [], 'exceptions of what is not done')
    })
  }

  it('has exceptions only if there is one of that name', () => {
    assert.deepEqual(
      Object.keys(EXCEPTIONS).filter((name) => !names.includes(name)),
      [],
    )
  })

  for (const [statement, why] of [
    ['alter table orders drop column address', 'takes away'],
    ['alter table orders rename column address to street', 'takes away'],
    ['alter table orders rename to sales', 'takes away'],
    ['alter table orders alter column total type numeric', 'takes away'],
    ['alter table orders alter column address set not null', 'takes away'],
    ['alter table "orders" add column a text, drop constraint orders_request', 'takes away'],
    ['alter table orders add constraint a check (total > 0) not valid', 'takes away'],
    ['alter table orders add column a text not null', 'neither nullable nor has a default'],
    ["alter table orders add column a text default 'x' check (a <> 'y, z')", 'reads the table under a lock'],
    ["alter table orders add column a integer default nextval('b')", 'written anew'],
    ['alter table orders add column a bigint generated always as identity', 'written anew'],
    ['create index a on orders (total)', 'indexes.ts'],
    ['create unique index a on orders (total)', 'indexes.ts'],
    ['insert into orders select * from payments', 'do not know these'],
    ['revoke all on table orders from public', 'rights'],
    ['update orders set total = 0', 'no statement of which'],
    ['drop table cart_additions', 'no statement of which'],
    ['drop index orders_listed', 'no statement of which'],
    ['truncate order_events', 'no statement of which'],
    ['lock table orders', 'no statement of which'],
  ] as const) {
    it(`is against the rule with: ${statement}`, () => {
      const [breach = '', ...others] = judgeMigration(['-- a comment\n  create table other (a integer)', statement])
      assert.ok(breach.includes(why), breach)
      assert.deepEqual(others, [])
    })
  }

  it('may do anything to what it has made itself, and add what the release before need not know', () => {
    const breaches = judgeMigration([
      'create table sales (a integer)',
      'alter table sales alter column a set not null, add constraint b check (a > 0)',
      'create unique index sales_a on sales (a)',
      'insert into sales values (1)',
      "alter table orders add column a text not null default 'drop, rename', add column b jsonb",
      'create function later() returns trigger language plpgsql as $$ begin delete from orders; end $$',
      'create trigger later after update of status, owed on orders for each row execute function later()',
      'revoke all on function later() from public',
    ])
    assert.deepEqual(breaches, [])
  })
})

/** The statements of a migration, run against no database. */
async function statementsOf(name: string): Promise<string[]> {
  const { up }: Migration = await import(join(FOLDER, `${name}.ts`))
  const statements: string[] = []
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: ({ query }) => void statements.push(query.sql),
  })
  await up(db)
  assert.ok(statements.length > 0)
  return statements
}
