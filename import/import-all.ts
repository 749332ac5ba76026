import { importCarts } from './import-carts.ts'
import type { ImportDeps } from './import-deps.ts'
import { importOrders } from './import-orders.ts'
import { Progress } from './progress.ts'
import { Report } from './report.ts'

/**
 * Imports orders, their lines, and carts. It may be ended anywhere, and run again: each batch is written whole or not at all, and what is here
 * already is found and left as it is.
 */
export async function importAll(
  deps: ImportDeps,
  progressOf: (what: string, total: number) => Pick<Progress, 'show' | 'end'> = (what, total) => new Progress(what, total),
): Promise<Report> {
  const report = new Report()
  const { orders, cartRows } = await deps.source.count()
  // Before the first row: whatever is placed here meanwhile gets ids above those of the source.
  await deps.raiseIds(await deps.source.highestIds())
  await importOrders(deps, report, progressOf('orders', orders))
  const { deleted, withoutOrder } = await deps.source.linesLeftOut()
  report.add('line-deleted', deleted)
  report.add('line-without-order', withoutOrder)
  await importCarts(deps, report, progressOf('cart rows', cartRows))
  report.add('cart-deleted', await deps.source.deletedCartRows())
  return report
}
