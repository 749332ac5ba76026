import { Counter, Gauge, type Registry } from 'prom-client'
import { type BatchOutcome, HAND_OVER_REASONS } from '../contracts/create-orders.ts'

const OUTCOMES = { confirmed: 'confirmed', refused: 'refused', inDoubt: 'in_doubt', handedOver: 'handed_over' } as const

/**
 * Reason for which the lane refused an order before it was begun, label of a metric: INTAKE_MAX_QUEUE orders wait; it would wait
 * longer than HTTP_WAIT_MS; it would stand behind a queue that the lane can't work off; it has waited that long and no batch has taken it along; the
 * process was too late to read it.
 */
const SHED_REASONS = ['queue_full', 'long_wait', 'overload', 'wait_over', 'busy'] as const
export type ShedReason = (typeof SHED_REASONS)[number]

interface LaneEvents {
  /** Counts the orders of a batch that came to its end. */
  onBatchEnd(outcomes: readonly BatchOutcome[]): void
  onShed(reason: ShedReason): void
}

/**
 * Outcomes of the express lane, counted by the starter that took the orders.
 * @param queued returns how many orders wait for the lane @default none
 */
export function laneMetrics(registry: Registry, queued: () => number = () => 0): LaneEvents {
  const registers = [registry]
  const queue: Gauge = new Gauge({
    name: 'lane_queue_length',
    help: 'Orders that wait for the express lane of this starter',
    registers,
    collect() {
      queue.set(queued())
    },
  })
  const orders = new Counter({
    name: 'lane_orders_total',
    help: 'Orders of the express lane by what their batch made of them: confirmed, refused, in_doubt, handed_over to a run of their own',
    labelNames: ['outcome'],
    registers,
  })
  const handedOver = new Counter({
    name: 'lane_handed_over_total',
    help: 'Orders that their batch handed over to runs of their own, by the reason; such an order costs 25 to 50 times as much',
    labelNames: ['reason'],
    registers,
  })
  const shed = new Counter({
    name: 'lane_shed_total',
    help: 'Orders that were answered 503 with nothing begun, since too many wait for the express lane, by the reason',
    labelNames: ['reason'],
    registers,
  })
  for (const outcome of Object.values(OUTCOMES)) orders.inc({ outcome }, 0)
  for (const reason of [...HAND_OVER_REASONS, 'other']) handedOver.inc({ reason }, 0)
  for (const reason of SHED_REASONS) shed.inc({ reason }, 0)

  return {
    onBatchEnd(outcomes) {
      for (const one of outcomes) {
        const isInDoubt = one.state === 'refused' && one.refusal.type === 'OrderInDoubt'
        orders.inc({ outcome: OUTCOMES[isInDoubt ? 'inDoubt' : one.state] })
        if (one.state !== 'handedOver') continue
        // A worker of another build may know another one.
        handedOver.inc({ reason: HAND_OVER_REASONS.find((reason) => reason === one.reason) ?? 'other' })
      }
    },
    onShed: (reason) => shed.inc({ reason }),
  }
}
