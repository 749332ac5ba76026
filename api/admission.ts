import { Gauge, type Registry } from 'prom-client'
import { type Failure, failure } from '../contracts/failures.ts'

/** `temporal`, `postgresql`: does not answer, or takes no writes; `backlog`: too many orders wait to be settled. */
const REASONS = ['temporal', 'postgresql', 'backlog'] as const
type Reason = (typeof REASONS)[number]

/**
 * Age of an order that no longer counts as being on its way, in milliseconds. In health one is settled within a fraction of a
 * second; what is younger is no backlog, however many come.
 */
export const LATE_MS = 3_000

export interface AdmissionDeps {
  temporal: { readonly isUp: boolean }
  /** Up: it takes writes. Its latest answer: how many orders have not been settled for LATE_MS, those without a row included. */
  store: { readonly isUp: boolean; readonly latest: number | undefined }
  /** Number of unsettled orders that closes the intake. */
  maxUnsettled: number
}

/**
 * Decides whether orders are taken at present. In a long outage they would only pile up, none of them created within its budget
 * and all of them to be undone at the return: callers that nobody can serve are turned away before anything was started.
 */
export class Admission {
  readonly #deps: AdmissionDeps

  constructor(deps: AdmissionDeps) {
    this.#deps = deps
  }

  /** Name of the dependency that has to answer, and does not. */
  get missing(): Exclude<Reason, 'backlog'>[] {
    const { temporal, store } = this.#deps
    return [...(temporal.isUp ? [] : ['temporal' as const]), ...(store.isUp ? [] : ['postgresql' as const])]
  }

  /** Set while a dependency is down: no request can be answered, not even a repeat of a finished order. */
  get away(): Failure | undefined {
    const [service] = this.missing
    return service && failure('ServiceUnavailable', `${AWAY[service]}; this request started nothing`, { service })
  }

  /** Set while no order is begun; repeats of orders that were begun are still answered. */
  get overfull(): Failure | undefined {
    const { store, maxUnsettled } = this.#deps
    if ((store.latest ?? 0) < maxUnsettled) return undefined
    const message = `${maxUnsettled} orders or more wait to be settled; this request started nothing`
    return failure('ServiceUnavailable', message, { service: 'order-saga' })
  }

  measureIn(registry: Registry): void {
    const { store } = this.#deps
    const unsettled: Gauge = new Gauge({
      name: 'orders_unsettled',
      help: 'Orders that have not been settled for 3 s, those in the store and those of this starter without a row; counted up to INTAKE_MAX_UNSETTLED',
      registers: [registry],
      // A number of before says nothing of now.
      collect() {
        if (store.isUp && store.latest !== undefined) unsettled.set(store.latest)
        else unsettled.remove()
      },
    })
    const closed = new Gauge({
      name: 'intake_closed',
      help: 'Whether new orders are answered 503 (1), and for what reason',
      labelNames: ['reason'],
      registers: [registry],
      collect: () => {
        const reasons: Reason[] = [...this.missing, ...(this.overfull ? ['backlog' as const] : [])]
        for (const reason of REASONS) closed.set({ reason }, reasons.includes(reason) ? 1 : 0)
      },
    })
  }
}

const AWAY = { temporal: 'Temporal does not answer', postgresql: 'PostgreSQL does not answer, or takes no writes' }
