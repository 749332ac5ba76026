import { failureIn, failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { classOf, stateNameOf } from '../store/failures.ts'

/**
 * Asks the store. A failure of the failure table passes.
 * @throws ApplicationFailure ServiceUnavailable if PostgreSQL can't be used now, InvalidInput if it can't store a value
 */
export async function stored<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (failureIn(error)) throw error
    const kind = classOf(error)
    if (kind === 'defect') throw error
    if (kind === 'request') throw invalidInput([{ field: '', problem: 'must be storable by PostgreSQL' }])
    const refused = failure('ServiceUnavailable', `PostgreSQL can't be used now (${stateNameOf(error)})`, {
      service: 'postgresql',
    })
    throw failureOf(refused, { cause: error as Error })
  }
}
