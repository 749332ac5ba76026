import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import { classOf, stateNameOf } from '../store/failures.ts'

/**
 * Runs one statement of the store.
 * @param operation named in the failure; only `openOrders` stores nothing but values of the request
 * @throws ApplicationFailure ServiceUnavailable if PostgreSQL can't be used now; InvalidInput if it can't store what the request
 * says; else InternalError
 */
export async function callStore<T>(operation: string, statement: () => Promise<T>): Promise<T> {
  try {
    return await statement()
  } catch (error) {
    const kind = classOf(error)
    // The database's message may quote a row; its SQLSTATE does not.
    const what = `the order store failed in ${operation} (${stateNameOf(error)})`
    if (kind === 'request' && operation === 'openOrders') {
      throw failureOf(failure('InvalidInput', what, { fields: [{ field: '', problem: 'must be storable by PostgreSQL' }] }))
    }
    throw failureOf(failure(kind === 'away' ? 'ServiceUnavailable' : 'InternalError', what, { service: 'order store' }))
  }
}
