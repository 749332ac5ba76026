import type { Database } from './database.ts'

type StoreFunctions = Record<string, (db: Database, ...rest: never[]) => unknown>

/** Functions of the store as they are called once the database is known: without their first argument. */
export type Bound<Functions extends StoreFunctions> = {
  readonly [Name in keyof Functions]: Functions[Name] extends (db: Database, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never
}

/** Binds functions of the store to a database. They need no `this`, so that each can be handed on by itself. */
export function bound<Functions extends StoreFunctions>(db: Database, functions: Functions): Bound<Functions> {
  return Object.fromEntries(Object.entries(functions).map(([name, run]) => [name, run.bind(undefined, db)])) as Bound<Functions>
}
