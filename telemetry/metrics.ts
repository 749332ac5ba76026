import { type ServiceError, status } from '@grpc/grpc-js'
import { asyncLocalStorage } from '@temporalio/activity'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { METHODS_CALLED, refusalOf } from '../clients/answers.ts'
import type { NotSentReason } from '../clients/call-not-sent.ts'
import type { CallRecord } from '../clients/unary.ts'
import { ORDER_STATUSES } from '../contracts/order.ts'
import { COMPENSATION_STEPS, type CompensationOutcome, type LeftAlone, type OrderEvents } from '../contracts/order-events.ts'
import { PAYMENT_OUTCOMES } from '../contracts/payment.ts'
import { GoodsService } from '../proto/generated/goods.ts'
import { InventoryServiceService } from '../proto/generated/inventory.ts'
import { UserService } from '../proto/generated/user.ts'
import type { InCompensation } from '../store/in-compensation.ts'
import type { Overdue } from '../store/life/overdue.ts'
import { readGauge } from './read-gauge.ts'
import { readOnce } from './read-once.ts'

/** `/metrics` samples of a breaker: the higher, the worse. */
const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 } as const

/** Outcome of one call. Out of stock and the like are refusals, and no error of the service. */
const CALL_OUTCOMES = ['success', 'refused', 'error'] as const

/** Seconds, from a cart that is confirmed at once to the 30 s that an order may take (contracts/time-budget.ts). */
const ORDER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30]

/** Every method of the three services, as proto/ defines them, and of the other participants: labels have no other values but these and `other`. */
const SERVICES = { goods: GoodsService, inventory: InventoryServiceService, user: UserService }
const METHODS = new Set(
  Object.entries(SERVICES).flatMap(([service, methods]) =>
    Object.values(methods).map(({ path }) => `${service}/${path.split('/').at(-1)}`),
  ),
)
for (const method of METHODS_CALLED) METHODS.add(method)
const SERVICE_NAMES = new Set([...METHODS].map((name) => name.slice(0, name.indexOf('/'))))

/**
 * The metrics of one process that runs activities. Label values come from code and from closed sets, never from requests:
 * what is in none of them is `other`. Every series of a counter is there from the start, at 0, or Prometheus would miss its
 * first increase; only `rpc_errors_total` begins with its first error.
 */
export function createMetrics(registry = new Registry()) {
  const registers = [registry]
  const calls = new Counter({
    name: 'rpc_calls_total',
    help: 'Calls to the Goods, Inventory and User services, and whether they succeeded, were refused, or failed',
    labelNames: ['service', 'method', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'rpc_call_duration_seconds',
    help: 'Duration of one call',
    labelNames: ['service', 'method'],
    registers,
  })
  const errors = new Counter({
    name: 'rpc_errors_total',
    help: 'Calls that failed, by gRPC status; refusals are none of them',
    labelNames: ['service', 'method', 'code'],
    registers,
  })
  const retries = new Counter({
    name: 'rpc_retries_total',
    help: 'Calls by attempts after the first of an activity, and what they came to',
    labelNames: ['service', 'method', 'outcome'],
    registers,
  })
  const timeouts = new Counter({
    name: 'rpc_timeouts_total',
    help: 'Calls that exceeded their deadline',
    labelNames: ['service', 'method'],
    registers,
  })
  const batches = new Histogram({
    name: 'batch_size',
    help: 'Goods in one call',
    labelNames: ['service', 'operation'],
    buckets: [1, 5, 10, 20, 50, 100, 200], // docs/origin.md
    registers,
  })
  const breakers = new Gauge({
    name: 'circuit_breaker_state',
    help: 'Circuit breaker of a service, of the calls for orders or of those for carts: 0 closed, 1 half-open, 2 open',
    labelNames: ['service', 'callers'],
    registers,
  })
  const notSent = new Counter({
    name: 'rpc_calls_not_sent_total',
    help: 'Calls that were held back: the circuit of the service open, or too many calls to it under way',
    labelNames: ['service', 'reason'],
    registers,
  })
  const orders = new Counter({
    name: 'order_create_total',
    help: 'Orders by what became of them, each once: confirmed, or the failure they were closed for',
    labelNames: ['outcome'],
    registers,
  })
  const creation = new Histogram({
    name: 'order_create_duration_seconds',
    help: 'From the intent of an order to its confirmation, by the clock of PostgreSQL',
    buckets: ORDER_BUCKETS,
    registers,
  })
  const compensations = new Counter({
    name: 'order_compensation_total',
    help: 'Compensations: done once for each order, needless if there was nothing to undo, failed once for each attempt that came to nothing',
    labelNames: ['step', 'outcome'],
    registers,
  })

  const leftAlone = new Counter({
    name: 'sweep_left_alone_total',
    help: 'Unsettled orders that a sweep left alone: unaskable if Temporal could not be asked about their runs, answered if a run that ended calls them confirmed',
    labelNames: ['reason'],
    registers,
  })

  const transitions = new Counter({
    name: 'order_transitions_total',
    help: 'Changes of the status of orders, by the new status, each counted by the process that made it',
    labelNames: ['to'],
    registers,
  })
  const payments = new Counter({
    name: 'payments_total',
    help: 'Payments that were reported, each once, by what they came to: accepted, or owing a refund as late, duplicate or mismatch',
    labelNames: ['outcome'],
    registers,
  })

  const archived = new Counter({
    name: 'orders_archived_total',
    help: 'Orders that were moved into the archive, each counted by the process that moved it',
    registers,
  })

  for (const name of METHODS_CALLED) {
    const [service = '', method = ''] = name.split('/')
    for (const outcome of CALL_OUTCOMES) {
      calls.inc({ service, method, status: outcome }, 0)
      retries.inc({ service, method, outcome }, 0)
    }
    timeouts.inc({ service, method }, 0)
  }
  orders.inc({ outcome: 'confirmed' }, 0)
  for (const step of COMPENSATION_STEPS) {
    for (const outcome of ['done', 'needless', 'failed'] satisfies CompensationOutcome[]) {
      compensations.inc({ step, outcome }, 0)
    }
  }
  for (const reason of ['unaskable', 'answered'] satisfies LeftAlone[]) leftAlone.inc({ reason }, 0)
  for (const to of ORDER_STATUSES) transitions.inc({ to }, 0)
  for (const outcome of PAYMENT_OUTCOMES) payments.inc({ outcome }, 0)
  for (const service of SERVICE_NAMES) {
    breakers.set({ service, callers: 'orders' }, BREAKER_STATES.closed)
    for (const reason of ['circuit_open', 'too_many_calls'] satisfies NotSentReason[]) notSent.inc({ service, reason }, 0)
  }

  const events: OrderEvents = {
    onOrderEnd({ outcome, seconds }) {
      orders.inc({ outcome })
      if (seconds !== undefined) creation.observe(seconds)
    },
    onCompensation(step, outcome, count = 1) {
      compensations.inc({ step, outcome }, count)
    },
    onLeftAlone(reason) {
      leftAlone.inc({ reason })
    },
    onTransition(to, count = 1) {
      transitions.inc({ to }, count)
    },
    onPayment(outcome) {
      payments.inc({ outcome })
    },
  }

  return {
    registry,

    /** Has to be called where the activity is known that made the call: within its asynchronous context. */
    onCall({ service: of, method: called, seconds, error }: CallRecord) {
      const outcome = !error ? 'success' : refusalOf(`${of}/${called}`, error) ? 'refused' : 'error'
      const { service, method } = labelsOf(of, called)
      calls.inc({ service, method, status: outcome })
      duration.observe({ service, method }, seconds)
      if (error && outcome === 'error') errors.inc({ service, method, code: codeOf(error) })
      if (error?.code === status.DEADLINE_EXCEEDED) timeouts.inc({ service, method })
      if ((asyncLocalStorage.getStore()?.info.attempt ?? 1) > 1) retries.inc({ service, method, outcome })
    },

    onBatch(of: string, operation: string, size: number) {
      const { service, method } = labelsOf(of, operation)
      batches.observe({ service, operation: method }, size)
    },

    onBreakerState(service: string, state: keyof typeof BREAKER_STATES, callers: 'orders' | 'carts' = 'orders') {
      breakers.set({ service: known(service), callers }, BREAKER_STATES[state])
    },

    onNotSent(service: string, reason: NotSentReason) {
      notSent.inc({ service: known(service), reason })
    },

    ...events,

    /** Has the two gauges of compensations read, once for each scrape. */
    watchCompensations(read: () => Promise<InCompensation>) {
      const now = readOnce(read)
      readGauge(
        registry,
        'orders_in_compensation',
        'Orders that failed and still hold, or may hold, stock or their user',
        async () => (await now()).orders,
      )
      readGauge(
        registry,
        'orders_in_compensation_oldest_seconds',
        'For how long the oldest of them does',
        async () => (await now()).oldestSeconds,
      )
    },

    onArchived(count: number) {
      archived.inc(count)
    },

    /** Has the gauge of the archiving read, once for each scrape. */
    watchArchiving(read: () => Promise<number>) {
      readGauge(
        registry,
        'orders_archivable_oldest_seconds',
        'For how long the order has been due to be archived that has been due for longest; 0 if none is',
        read,
      )
    },

    /** Has the two gauges of what is overdue read, once for each scrape. */
    watchOverdue(read: () => Promise<Overdue>) {
      const now = readOnce(read)
      readGauge(
        registry,
        'orders_due_oldest_seconds',
        'For how long the payment and its grace have been over of the longest overdue order that is not closed yet; 0 if none is due',
        async () => (await now()).oldestSeconds,
      )
      readGauge(
        registry,
        'refunds_owed',
        'Payments that arrived for nothing, and that somebody has to give back',
        async () => (await now()).refundsOwed,
      )
    },
  }
}

export type Metrics = ReturnType<typeof createMetrics>

function known(service: string): string {
  return SERVICE_NAMES.has(service) ? service : 'other'
}

function labelsOf(service: string, method: string): { service: string; method: string } {
  return METHODS.has(`${service}/${method}`) ? { service, method } : { service: 'other', method: 'other' }
}

function codeOf({ code }: ServiceError): string {
  return status[code] ?? 'other'
}
