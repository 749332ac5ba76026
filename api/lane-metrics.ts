import { Counter, type Registry } from 'prom-client'
import { type BatchOutcome, HAND_OVER_REASONS } from '../contracts/create-orders.ts'

const OUTCOMES = { confirmed: 'confirmed', refused: 'refused', handedOver: 'handed_over' } as const

/**
 * What the express lane came to, counted by the starter that took the orders.
 * @returns counts the orders of a batch that came to its end
 */
export function laneMetrics(registry: Registry): (outcomes: readonly BatchOutcome[]) => void {
  const registers = [registry]
  const orders = new Counter({
    name: 'lane_orders_total',
    help: 'Orders of the express lane by what their batch made of them: confirmed, refused, handed over to a run of their own',
    labelNames: ['outcome'],
    registers,
  })
  const handedOver = new Counter({
    name: 'lane_handed_over_total',
    help: 'Orders that their batch handed over to runs of their own, by the reason; such an order costs 25 to 50 times as much',
    labelNames: ['reason'],
    registers,
  })
  for (const outcome of Object.values(OUTCOMES)) orders.inc({ outcome }, 0)
  for (const reason of [...HAND_OVER_REASONS, 'other']) handedOver.inc({ reason }, 0)

  return (outcomes) => {
    for (const one of outcomes) {
      orders.inc({ outcome: OUTCOMES[one.state] })
      if (one.state !== 'handedOver') continue
      // A worker of another build may know another one.
      handedOver.inc({ reason: HAND_OVER_REASONS.find((reason) => reason === one.reason) ?? 'other' })
    }
  }
}
