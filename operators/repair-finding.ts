import { status } from '@grpc/grpc-js'
import { isOrderSn, type OrderSn } from '../contracts/order.ts'
import type { Finding } from '../contracts/reconciliation.ts'
import type { AuditedState } from '../store/audit.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import { requireOrder, standing } from './require-order.ts'
import { settleByRun } from './settle-by-run.ts'

/** Outcome of one proposed repair. */
export interface Repaired {
  /** Absent if no single order is to blame. */
  orderSn?: string
  done: boolean
  told: string
}

/**
 * Carries out the repair that a finding proposes. Each is keyed by the order number and judged by the store once more, so
 * that a finding which is out of date by now, or a repair that is made twice, does no harm. `return-unknown` and `return-answered` alone need a
 * closed intake: nothing in the store keeps the caller from repeating his request while we give its stock back.
 */
export async function repairFinding(deps: OperatorDeps, finding: Finding, operator: Operator): Promise<Repaired> {
  const { orderSn, repair, kind, units } = finding
  const { store } = deps.reconciliation
  const reason = { ...operator, why: `${kind}${operator.why ? `: ${operator.why}` : ''}` }
  const told = (text: string, done = true): Repaired => ({ ...(orderSn !== undefined && { orderSn }), done, told: text })
  if (!repair || orderSn === undefined) return told('a person has to decide', false)
  // An inventory may name any text.
  if (!isOrderSn(orderSn)) return told('left alone: its number is none of ours, which is 16 of A-Z and 2-7', false)
  try {
    switch (repair) {
      case 'settle': {
        const before = await requireOrder(deps, orderSn)
        const after = await settleByRun(deps, orderSn)
        await audit(orderSn, before, after)
        return told(`settled by a run: ${standing(after)}`)
      }
      case 'return': {
        if ((await store.holding(orderSn))?.keyed === false) return await returnByNumber(orderSn)
        // The debt is recorded first: whatever befalls us here, the sweep finds it.
        if (!(await store.oweReback({ orderSn, ...reason }))) return told('left alone: it is not closed any more', false)
        await deps.inventory.reback(orderSn, [])
        await deps.orders.markReturned([orderSn])
        return told('its stock is given back')
      }
      case 'owe': {
        if (!(await store.oweReback({ orderSn, ...reason })))
          return told('left alone: it was mended before, or is not closed', false)
        return told('it owes its stock, which a worker under INVENTORY_MODE=unkeyed gives back')
      }
      case 'sell': {
        const order = await requireOrder(deps, orderSn)
        const lines = order.lines.map(({ goodsId, num }) => ({ goodsId, num }))
        if (order.status === 'TRADE_CLOSED' || lines.length === 0) return told('left alone: it does not stand any more', false)
        await deps.inventory.sell(orderSn, lines)
        await audit(orderSn, order, order)
        return told('its stock is sold')
      }
      case 'return-unknown':
      case 'return-answered': {
        if (await store.holding(orderSn)) return told('left alone: the store knows it by now', false)
        await deps.inventory.reback(orderSn, units)
        // A row that is not there yet comes before its Sell, and so behind our tombstone: this look misses nobody.
        const late = await store.holding(orderSn)
        await audit(orderSn, {}, late ?? {})
        if (!late || late.status === 'TRADE_CLOSED') return told('the sale is given back')
        return told(
          `GIVEN BACK TOO LATE: its caller repeated the request meanwhile, the order is ${standing(late)} and may stand without ` +
            'its stock. Stop the starters, then compare again: if it is named given-back, close it or deliver by a new order',
          false,
        )
      }
    }
  } catch (error) {
    const { code, details, message } = error as { code?: number; details?: string; message: string }
    return told(`failed: ${code !== undefined && details !== undefined ? `${status[code]} ${details}` : message}`, false)
  }

  /** Gives back an order without keys that was sold by its number all the same: its row owes nothing, so no worker would do so. */
  async function returnByNumber(orderSn: OrderSn): Promise<Repaired> {
    const order = await requireOrder(deps, orderSn)
    if (order.status !== 'TRADE_CLOSED') return told('left alone: it is not closed any more', false)
    await deps.inventory.reback(orderSn, [])
    await audit(orderSn, order, order)
    return told('its stock is given back')
  }

  async function audit(orderSn: OrderSn, before: AuditedState, after: AuditedState): Promise<void> {
    await deps.orders.appendAudit([{ orderSn, verb: 'reconcile', ...reason, before, after }])
  }
}
