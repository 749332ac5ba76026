import { AsyncLocalStorage } from 'node:async_hooks'
import type { Interceptor } from '@grpc/grpc-js'

const START = '/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution'

/**
 * The SDK's core, which carries the hosted worker's client, repeats a failed call no sooner than this, and does not report that it
 * did (its retry.rs: 100 ms, less a fifth). Milliseconds.
 */
const FIRST_REPEAT_MS = 80

/**
 * Counts the requests that one start sends: the SDK repeats them by itself, and the answer to the last one proves nothing about
 * those before it.
 */
export class SentStarts {
  static readonly #current = new AsyncLocalStorage<SentStarts>()
  readonly #since = performance.now()
  #counted = 0

  /** Counts around the interceptor that repeats. */
  static counting(repeating: Interceptor): Interceptor {
    return (options, nextCall) => {
      const sent = options.method_definition.path === START ? SentStarts.#current.getStore() : undefined
      if (!sent) return repeating(options, nextCall)
      return repeating(options, (again) => {
        sent.#counted++
        return nextCall(again)
      })
    }
  }

  /** Runs the one start whose requests are counted here. */
  async during<T>(start: () => Promise<T>): Promise<T> {
    return await SentStarts.#current.run(this, start)
  }

  /** Reports whether an answer that has just come is the answer to the only request that was sent. */
  get isOne(): boolean {
    return this.#counted > 0 ? this.#counted === 1 : performance.now() - this.#since < FIRST_REPEAT_MS
  }
}
