import type { ImportedOrder } from '../store/imported/imported-order.ts'
import type { ImportDeps } from './import-deps.ts'
import type { Progress } from './progress.ts'
import type { Report } from './report.ts'
import type { SourceLine, SourceOrder } from './source-rows.ts'
import { type TakenOrder, takeOrder } from './take-order.ts'

/** Orders that one transaction writes. */
const BATCH = 2_000

interface Page {
  orders: SourceOrder[]
  lines: Map<number, SourceLine[]>
}

/** Imports all orders, in the order of their ids. While a batch is written, the next one is read. */
export async function importOrders(
  deps: Pick<ImportDeps, 'source' | 'putOrders' | 'digits'>,
  report: Report,
  progress: Pick<Progress, 'show' | 'end'>,
): Promise<void> {
  const shared = await deps.source.sharedNumbers()
  let done = 0
  let next = read(deps)
  for (;;) {
    const { orders, lines } = await next
    const last = orders.at(-1)
    if (!last) break
    next = read(deps, last.id)
    // Awaited later: a failure meanwhile must not end the process unheard.
    next.catch(() => {})
    const taken = orders.map((order) => [order.id, takeOrder(order, lines.get(order.id) ?? [], deps.digits, shared)] as const)
    await write(deps, taken, report)
    done += orders.length
    progress.show(done)
  }
  progress.end(done)
}

async function read({ source }: Pick<ImportDeps, 'source'>, after?: number): Promise<Page> {
  const orders = await source.ordersAfter(after, BATCH)
  const [first, last] = [orders[0], orders.at(-1)]
  const lines = new Map<number, SourceLine[]>()
  if (!first || !last) return { orders, lines }
  for (const line of await source.linesOf(first.id, last.id)) {
    const some = lines.get(line.orderId)
    if (some) some.push(line)
    else lines.set(line.orderId, [line])
  }
  return { orders, lines }
}

async function write(
  { putOrders }: Pick<ImportDeps, 'putOrders'>,
  taken: readonly (readonly [id: number, taken: TakenOrder])[],
  report: Report,
): Promise<void> {
  const orders = taken.flatMap(([, one]): ImportedOrder[] => (one.kind === 'taken' ? [one.order] : []))
  const outcomes = await putOrders(orders)
  for (const [id, one] of taken) {
    if (one.kind === 'refused') {
      report.orders.leftOut++
      report.add(one.by, [id])
      continue
    }
    const outcome = outcomes.get(one.order.orderSn) ?? 'same'
    if (outcome === 'new' || outcome === 'again' || outcome === 'same') {
      report.orders[outcome]++
      for (const rule of one.rules) report.add(rule, [id])
    } else {
      report.orders.leftOut++
      report.add(outcome, [id])
    }
  }
}
