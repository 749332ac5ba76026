import { failureOf, refusal } from '../contracts/failures.ts'
import { isAway } from '../store/failures.ts'

/** Runs one statement of the store; where PostgreSQL could not be asked, another attempt may help. */
export async function callStore<T>(operation: string, statement: () => Promise<T>): Promise<T> {
  try {
    return await statement()
  } catch (error) {
    const type = isAway(error) ? 'ServiceUnavailable' : 'InternalError'
    // The database's message may quote a row; its SQLSTATE does not.
    const state = (error as { code?: unknown }).code ?? (error as Error).name
    throw failureOf(refusal(type, `the order store failed in ${operation} (${String(state)})`, { service: 'order store' }))
  }
}
