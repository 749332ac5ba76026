import type { Line, OrderSn } from '../order.ts'
import type { Participant } from './participant.ts'

interface Inventory {
  sell(orderSn: OrderSn, lines: Line[], atMostMs: number): Promise<unknown>
  reback(orderSn: OrderSn, lines: Line[], atMostMs: number): Promise<unknown>
}

/**
 * Every order takes its lines out of the stock, all or none. Without keys (INVENTORY_MODE=unkeyed) Sell and Reback are those of
 * activities/unkeyed-inventory.ts, under the same names; what is owed of the stock the row's stock state says (store/schema.ts).
 */
export const inventory = {
  name: 'inventory',
  holds: 'stock',
  deadlineMs: 3_000, // docs/origin.md
  do: {
    step: 'sell',
    stepOfBatch: 'sellOrders',
    summary: 'Take all lines out of the stock, once per order number',
    summaryOfBatch: 'One Sell for each order',
    method: 'Sell',
    call: (service, { orderSn, lines }, atMostMs) => service.sell(orderSn, lines, atMostMs),
    answers: [
      { status: 'RESOURCE_EXHAUSTED', reason: 'INSUFFICIENT_STOCK', means: 'InsufficientStock' },
      { status: 'RESOURCE_EXHAUSTED', message: /库存不足/, means: 'InsufficientStock' },
      { status: 'NOT_FOUND', means: 'InsufficientStock' },
      { status: 'FAILED_PRECONDITION', reason: 'SALE_RETURNED', means: 'OrderClosed' },
    ],
    unanswered: 'sell_unanswered',
    drawn: (lines) => `stock less ${lines}`,
  },
  undo: {
    step: 'reback',
    stepOfBatch: 'rebackOrders',
    summary: 'Compensation 2: give the stock back, once per order number',
    summaryOfBatch: 'Give back what the refused orders may hold',
    method: 'Reback',
    call: (service, { orderSn, lines }, atMostMs) => service.reback(orderSn, lines, atMostMs),
    answers: [],
  },
} as const satisfies Participant<Inventory>
