import pg from 'pg'
import { type SqlStateClass, sqlStateClassOf } from './sql-states.ts'

const RACES = 5

/** Sessions of these states stay as they are: read-only though another server is the primary now, or spoilt by somebody before us. */
const SPOILT_SESSION = /^(25|26|42P05)/

/** Runs one statement, again if it lost a race. */
export async function afterRaces<T>(statement: () => Promise<T>): Promise<T> {
  for (let race = 1; ; race++) {
    try {
      return await statement()
    } catch (error) {
      const state = sqlStateOf(error)
      if (race === RACES || !state || sqlStateClassOf(state) !== 'lostRace') throw error
    }
  }
}

/**
 * Classes an error of a statement. Unless the class is `request` or `defect`, the statement may have been applied all the same.
 * The driver's own errors (refused, reset, timed out) are plain and mean that the database is away; those of a class of
 * JavaScript's name a defect.
 */
export function classOf(error: unknown): Exclude<SqlStateClass, 'lostRace'> {
  const state = sqlStateOf(error)
  if (state !== undefined) {
    const kind = sqlStateClassOf(state)
    return kind === 'lostRace' ? 'away' : kind
  }
  if (!(error instanceof Error)) return 'defect'
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError ? 'defect' : 'away'
}

/** Reports whether a connection is of no use any more after this error of a statement. */
export function spoilsConnection(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state === undefined || SPOILT_SESSION.test(state)
}

/**
 * Returns what may be logged of an error: its SQLSTATE or system code, or its class. A message of the database may quote a row.
 */
export function stateNameOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return String(code ?? name ?? typeof error)
}

function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}
