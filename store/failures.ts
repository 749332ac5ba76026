import pg from 'pg'

/** SQLSTATE of a transaction that lost a deadlock or a serialization race: nothing was applied, doing it again is right. */
const LOST_RACE = new Set(['40P01', '40001'])

/** SQLSTATE of a server that is away, starting, stopping or out of resources (PostgreSQL, appendix A). */
const AWAY = /^(08...|53...|57P0[1-5]|57014|55P03|25006)$/

const RACES = 5

/** Runs one statement, again if it lost a race. */
export async function afterRaces<T>(statement: () => Promise<T>): Promise<T> {
  for (let race = 1; ; race++) {
    try {
      return await statement()
    } catch (error) {
      if (race === RACES || !LOST_RACE.has(sqlStateOf(error) ?? '')) throw error
    }
  }
}

/** Whether the database could not be asked, as against: was asked and objected. The statement may have been applied all the same. */
export function isAway(error: unknown): boolean {
  const state = sqlStateOf(error)
  if (state !== undefined) return AWAY.test(state) || LOST_RACE.has(state)
  // The driver's own errors (refused, reset, time-out) are plain; ours would be of a class that names a defect.
  return error instanceof Error && !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
}

function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}
