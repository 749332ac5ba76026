import { failureOf, refusal } from '../contracts/failures.ts'
import { isAway } from '../store/failures.ts'

/**
 * What the store says.
 * @throws ApplicationFailure ServiceUnavailable where PostgreSQL could not be asked
 */
export async function stored<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!isAway(error)) throw error
    const refused = refusal('ServiceUnavailable', 'PostgreSQL does not answer', { service: 'postgresql' })
    throw failureOf(refused, { cause: error as Error })
  }
}
