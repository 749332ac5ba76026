import { isId } from '../contracts/kinds.ts'
import type { ImportDeps } from './import-deps.ts'
import type { Progress } from './progress.ts'
import type { Report } from './report.ts'
import { type TakenCart, takeCart } from './take-cart.ts'

/** Carts that one transaction writes. */
const BATCH = 500

type Deps = Pick<ImportDeps, 'source' | 'putCarts' | 'importedUsersAfter' | 'digits'>

/** Imports the carts of all users. A cart that was imported, and that the source has no more, is emptied here too. */
export async function importCarts(deps: Deps, report: Report, progress: Pick<Progress, 'show' | 'end'>): Promise<void> {
  const seen = new Set<number>()
  let batch = new Map<number, TakenCart>()
  let done = 0
  for await (const rows of deps.source.carts()) {
    const taken = takeCart(rows, deps.digits)
    const userId = rows[0]?.user
    done += rows.length
    if (!isId(userId)) {
      for (const [rule, id] of taken.rules) report.add(rule, [id])
      continue
    }
    seen.add(userId)
    batch.set(userId, taken)
    if (batch.size === BATCH) {
      await write(deps, batch, report)
      batch = new Map()
      progress.show(done)
    }
  }
  await write(deps, batch, report)
  progress.end(done)
  for (let after = 0; ; ) {
    const users = await deps.importedUsersAfter(after)
    const last = users.at(-1)
    if (last === undefined) return
    after = last
    await write(deps, new Map(users.filter((user) => !seen.has(user)).map((user) => [user, { items: [], rules: [] }])), report)
  }
}

async function write({ putCarts }: Deps, batch: ReadonlyMap<number, TakenCart>, report: Report): Promise<void> {
  if (batch.size === 0) return
  const { outcomes, takenIds } = await putCarts([...batch].map(([userId, { items }]) => ({ userId, items })))
  report.add('cart-id-taken', takenIds)
  for (const [userId, { items, rules }] of batch) {
    const outcome = outcomes.get(userId) ?? 'same'
    if (outcome === 'moved-here') {
      const ids = items.map(({ id }) => id)
      // A cart that the source has no more is nothing that could be left out.
      if (ids.length > 0) report.carts.leftOut++
      report.add('cart-moved-here', ids)
    } else if (items.length > 0) report.carts[outcome]++
    for (const [rule, id] of rules) report.add(rule, [id])
  }
}
