import type { Safeguards } from './safeguards.ts'

/** A row of `orders`, as far as the protocol depends on it. */
export interface Row {
  status: 'CREATING' | 'PAYING' | 'CLOSED'
  stockState: 'none' | 'selling' | 'sold' | 'returning' | 'returned'
  /** Present if it holds, or may hold, a second thing: a coupon. */
  held?: true
}

/** Rows by order number, here an index; `undefined`: no row. */
export type Store = readonly (Row | undefined)[]

/** Order that a number stands for. Two numbers of one request occur only if numbers are not derived from it. */
export interface Order {
  user: number
  request: number
}

/** Effect and answer of one statement. Without a row it can never answer: the store's loop goes round for ever. */
export interface Answer {
  store: Store
  row?: Row | undefined
  inserted?: boolean
}

/** The store's functions as they judge one order; store/*.ts is held to them by conformance.test.ts. */
export class StoreRules {
  readonly #orders: readonly Order[]
  readonly #safeguards: Safeguards
  readonly #asks: { held?: true }

  /** @param coupon whether each order asks for one besides its piece */
  constructor(orders: readonly Order[], safeguards: Safeguards, coupon = false) {
    this.#asks = coupon ? { held: true } : {}
    this.#orders = orders
    this.#safeguards = safeguards
  }

  open(store: Store, sn: number): Answer {
    const row = store[sn]
    if (row) return { store, row, inserted: false }
    if (this.#requestIsTaken(store, sn)) return { store }
    const { user } = this.#orders[sn] as Order
    if (store.some((other, i) => other?.status === 'CREATING' && this.#orders[i]?.user === user)) {
      const refused: Row = { status: 'CLOSED', stockState: 'none' }
      if (!this.#safeguards.has('closedRowOfRefused')) return { store, row: refused, inserted: false }
      return { ...put(store, sn, refused), inserted: true }
    }
    return { ...put(store, sn, { status: 'CREATING', stockState: 'selling', ...this.#asks }), inserted: true }
  }

  confirm(store: Store, sn: number): Answer {
    const row = store[sn]
    if (!row || (row.status !== 'CREATING' && this.#safeguards.has('confirmConditional'))) return { store, row }
    return put(store, sn, { ...row, status: 'PAYING', stockState: 'sold' })
  }

  /**
   * @param owes `false` only if the safeguard voidAlwaysOwes is taken away
   * @param request whether the caller knows it; the sweep does not
   */
  void(store: Store, sn: number, { owes, request }: { owes: boolean; request: boolean }): Answer {
    const row = store[sn]
    const closed: Row = { status: 'CLOSED', stockState: owes ? 'returning' : 'none' }
    if (row?.status === 'CREATING') return put(store, sn, { ...row, ...closed })
    if (row || !request) return { store, row }
    if (this.#requestIsTaken(store, sn)) return { store }
    return this.#safeguards.has('closedRowWhereAbsent') ? put(store, sn, closed) : { store, row: closed }
  }

  markReturned(store: Store, sn: number): Answer {
    const row = store[sn]
    return row?.stockState === 'returning' ? put(store, sn, { ...row, stockState: 'returned' }) : { store, row }
  }

  markGivenBack(store: Store, sn: number): Answer {
    const row = store[sn]
    if (!row || !owedBy(row).includes('coupon')) return { store, row }
    const { held: _, ...without } = row
    return put(store, sn, without)
  }

  #requestIsTaken(store: Store, sn: number): boolean {
    const { user, request } = this.#orders[sn] as Order
    const taken = store.some((row, i) => row && this.#orders[i]?.user === user && this.#orders[i]?.request === request)
    return taken && this.#safeguards.has('uniqueRequest')
  }
}

/** Returns true if a row asks for an effect now, whoever wants to send it (activities/stock-permit.ts). */
export function asksFor(effect: 'sell' | 'reback', row: Row | undefined): boolean {
  return effect === 'sell' ? row?.status === 'CREATING' : row?.status === 'CLOSED' && row.stockState === 'returning'
}

/** Returns what a row owes: a set (store/migrations/0005-owed.ts). */
export function owedBy(row: Row | undefined): ('stock' | 'coupon')[] {
  return [
    ...(row?.stockState === 'returning' ? ['stock' as const] : []),
    ...(row?.status === 'CLOSED' && row.held ? ['coupon' as const] : []),
  ]
}

function put(store: Store, sn: number, row: Row): Answer {
  return { store: store.with(sn, row), row, inserted: false }
}
