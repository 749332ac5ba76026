/**
 * Meaning of an SQLSTATE for the statement that it ended.
 * - `away`: the database can't be used now, or not by us: the same statement may succeed later, when it recovered or an operator
 *   mended it (its password, its rights, its schema)
 * - `lostRace`: nothing was applied, and the same statement is to be repeated at once
 * - `request`: a value can't be stored, however often it is tried
 * - `defect`: the statement is wrong
 */
export type SqlStateClass = 'away' | 'lostRace' | 'request' | 'defect'

/** Whole classes (the first two characters) whose states name a wrong statement; PostgreSQL, appendix A. */
const DEFECT_CLASSES = new Set('03 09 0A 0B 0F 0L 0P 0Z 10 20 21 22 23 24 25 27 2B 2D 2F 34 38 39 3B 40 42 44 54 P0'.split(' '))

/** States that differ from the rest of their class. */
const EXCEPTIONS: Readonly<Record<Exclude<SqlStateClass, 'defect'>, readonly string[]>> = {
  lostRace: ['40001', '40P01'],
  // Too long, out of range, of characters that the encoding lacks, no date; 54000 is a row too large for its index.
  request: ['22001', '22003', '22007', '22008', '22021', '22P02', '22P05', '54000'],
  away: [
    '25006', // a replica, or a primary set to read-only
    ...['25P02', '25P03', '25P04', '42P05'], // of a session that is spoilt or was ended; another one is not
    ...['40000', '40003'], // rolled back without saying why; the connection broke in the middle
    ...['42501', '42P01', '42703', '42704', '42883'], // rights, tables, columns, functions that a grant or a migration brings
  ],
}
const DEFECTS_OF_GOOD_CLASSES = new Set(['55P02', '55P04'])

const CLASS_OF = new Map(
  Object.entries(EXCEPTIONS).flatMap(([kind, states]) => states.map((state) => [state, kind as SqlStateClass] as const)),
)

/**
 * Classes a state by the list of PostgreSQL. One that is on no list counts as `away`: taken for final it would end orders whose
 * outcome is open, and poolers and proxies have states of their own.
 */
export function sqlStateClassOf(state: string): SqlStateClass {
  const exception = CLASS_OF.get(state)
  if (exception) return exception
  return DEFECT_CLASSES.has(state.slice(0, 2)) || DEFECTS_OF_GOOD_CLASSES.has(state) ? 'defect' : 'away'
}
