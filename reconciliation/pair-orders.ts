import type { Holding } from '../store/reconciliation-store.ts'
import type { LedgerEntry, Pair } from './judge-order.ts'

/** One sale of the inventory's ledger. */
export interface Sale extends LedgerEntry {
  orderSn: string
}

/** Pages of one side, each behind the number that ended the one before, in the order of the numbers' bytes. */
type PagesOf<Row> = (after: string) => Promise<readonly Row[]>

const NEVER_HEARD_OF: LedgerEntry = { state: 'NONE', lines: [] }

/**
 * Every order that store or ledger knows, once, with what either has of it. Both sides are walked side by side, so that two
 * pages are all that is held, however many orders there are.
 * @param sales absent: there is no ledger
 */
export async function* pairOrders(holdings: PagesOf<Holding>, sales?: PagesOf<Sale>): AsyncGenerator<Pair> {
  const store = rows(holdings)
  const ledger = sales ? rows(sales) : undefined
  let holding = await next(store)
  let sale = ledger && (await next(ledger))
  while (holding || sale) {
    // Numbers are ASCII: JavaScript compares them as PostgreSQL compares their bytes.
    const orderSn = !sale || (holding && holding.orderSn < sale.orderSn) ? holding?.orderSn : sale.orderSn
    if (orderSn === undefined) return
    const held = holding?.orderSn === orderSn ? holding : undefined
    const sold = sale?.orderSn === orderSn ? sale : undefined
    yield { orderSn, ...(held && { holding: held }), ...(ledger && { entry: sold ?? NEVER_HEARD_OF }) }
    if (held) holding = await next(store)
    if (sold && ledger) sale = await next(ledger)
  }
}

async function* rows<Row extends { orderSn: string }>(pages: PagesOf<Row>): AsyncGenerator<Row> {
  for (let after = ''; ; ) {
    const page = await pages(after)
    const last = page.at(-1)
    if (!last) return
    yield* page
    after = last.orderSn
  }
}

async function next<Row>(side: AsyncGenerator<Row>): Promise<Row | undefined> {
  const { value, done } = await side.next()
  return done ? undefined : value
}
