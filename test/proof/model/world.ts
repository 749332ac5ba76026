import type { Step } from './checker.ts'
import { type Inventory, reback, sell } from './inventory.ts'
import type { Safeguards } from './safeguards.ts'
import { type Order, owedBy, type Row, type Store, StoreRules } from './store.ts'

/**
 * Messages. Once sent, a message may arrive at any later time, any number of times, or never: with or without its sender still
 * listening. That is delay, duplication, loss of requests and replies, and attempts that outlive their worker. `voidUnowed`, a
 * void that owes no Reback, is sent only if the safeguard voidAlwaysOwes is taken away.
 */
const MESSAGES = [
  'open',
  'sell',
  'confirm',
  'void',
  'voidUnowed',
  'voidBySweep',
  'reback',
  'markReturned',
  'use',
  'giveBack',
  'markGivenBack',
] as const
export type Message = (typeof MESSAGES)[number]
const STOCK_MESSAGES: readonly Message[] = ['sell', 'reback']
const VOIDS: readonly Message[] = ['void', 'voidUnowed', 'voidBySweep']

/** Places of a run: `idle` if it does not run, otherwise the message it waits for, or what it has to decide. */
const PLACES = [
  'idle',
  'open',
  'openAgain',
  'check',
  'sell',
  'confirm',
  'void',
  'voidOnly',
  'voidUnowed',
  'voidBySweep',
  'reback',
  'rebackFirst',
  'voidLast',
  'markReturned',
  'handOver',
  'done',
  'use',
  'giveBack',
  'markGivenBack',
] as const
export type Place = (typeof PLACES)[number]

const SENT_AT: Partial<Record<Place, Message>> = {
  open: 'open',
  openAgain: 'open',
  sell: 'sell',
  confirm: 'confirm',
  void: 'void',
  voidOnly: 'void',
  voidUnowed: 'voidUnowed',
  voidBySweep: 'voidBySweep',
  reback: 'reback',
  rebackFirst: 'reback',
  voidLast: 'void',
  markReturned: 'markReturned',
  use: 'use',
  giveBack: 'giveBack',
  markGivenBack: 'markGivenBack',
}

/** Run: each kind runs at most once at a time, and any number of times one after another. `sn` is the order, an index. */
export type Run = { sn: number } & (
  | { kind: 'createOrder'; name: string }
  /** `child`: index of the createOrder that it hands over to; `old`: of the execution that a newer one replaced, if any may. */
  | { kind: 'createOrders'; name: string; child: number; old?: number }
  | { kind: 'replaced'; name: string }
  | { kind: 'intake'; name: string }
  | { kind: 'sweep' }
  /** Somebody who runs activities without a workflow. */
  | { kind: 'stranger'; name: string }
)

/** One world to explore. */
export interface Setting {
  orders: readonly Order[]
  /** Pieces of the one goods; every order asks for one. */
  stock: number
  runs: readonly Run[]
  /** Interventions of an operator in runs. */
  operator: readonly ('terminates' | 'resets' | 'setsBack')[]
  safeguards: Safeguards
  /** Set if every order asks for a coupon as well; there are as many coupons as pieces. */
  coupon?: true
}

/** Answers that a caller ever got about an order. */
export const TOLD = { created: 1, refused: 2, pending: 4 } as const

export interface World {
  store: Store
  inventory: Inventory
  /** The second participant, which keeps the same rules. */
  coupons: Inventory
  /** Messages that were ever sent, by order, a bit each. */
  sent: readonly number[]
  /** Bits of TOLD, by order. */
  told: readonly number[]
  /** Place of each run. */
  at: readonly Place[]
  /**
   * True once an operator ended a run, the intake asked for an order, or the store was set back. Only then has the sweep work,
   * and only on what they left behind.
   */
  terminated: boolean
}

/** Answer of a party. */
export interface Reply {
  world: World
  /** The store's row; absent also if the store can't answer. */
  row?: Row | undefined
  inserted?: boolean
  /** Sell only. */
  refused?: boolean
}

/** The parties and the network between them: the moves of which every run is made. */
export class Parties {
  readonly setting: Setting
  readonly #store: StoreRules

  constructor(setting: Setting) {
    this.setting = setting
    this.#store = new StoreRules(setting.orders, setting.safeguards, setting.coupon)
  }

  initial(): World {
    const { orders, runs, stock } = this.setting
    return {
      store: orders.map(() => undefined),
      inventory: { stock, ledger: orders.map(() => undefined) },
      coupons: { stock, ledger: orders.map(() => undefined) },
      sent: orders.map(() => 0),
      told: orders.map(() => 0),
      at: runs.map(() => 'idle'),
      terminated: false,
    }
  }

  /** A message arrives. */
  deliver(world: World, sn: number, message: Message): Reply {
    const { store, inventory, coupons } = world
    if (message === 'use') {
      const used = sell(coupons, sn)
      return { world: used.inventory === coupons ? world : { ...world, coupons: used.inventory }, refused: used.refused }
    }
    if (message === 'giveBack') {
      const after = reback(coupons, sn, this.setting.safeguards)
      return { world: after === coupons ? world : { ...world, coupons: after } }
    }
    if (message === 'sell') {
      const sold = sell(inventory, sn)
      return { world: sold.inventory === inventory ? world : { ...world, inventory: sold.inventory }, refused: sold.refused }
    }
    if (message === 'reback') {
      const after = reback(inventory, sn, this.setting.safeguards)
      return { world: after === inventory ? world : { ...world, inventory: after } }
    }
    const { store: after, row, inserted } = this.#judge(store, sn, message)
    return { world: after === store ? world : { ...world, store: after }, row, ...(inserted !== undefined && { inserted }) }
  }

  /** Returns the messages that were sent, and would change something if they arrived now without anybody listening. */
  strays(world: World): Step<World>[] {
    return world.sent.flatMap((sent, sn) =>
      MESSAGES.flatMap((message, bit) => {
        if (!(sent & (1 << bit))) return []
        const { world: after } = this.deliver(world, sn, message)
        return after === world ? [] : [{ label: `unheard, ${message}${this.#of(sn)} arrives`, state: after }]
      }),
    )
  }

  /**
   * The store is set back behind a confirmation that was answered: its database fails over to a replica that lacks it, or is restored.
   * What is on its way to it is lost with its connections. Runs that are open across it are not modelled.
   */
  setBack(world: World): Step<World>[] {
    if (!this.setting.operator.includes('setsBack')) return []
    if (!world.at.every((place) => place === 'idle')) return []
    return world.store.flatMap((row, sn) => {
      if (row?.status !== 'PAYING' || !((world.told[sn] as number) & TOLD.created)) return []
      const stillSent = STOCK_MESSAGES.reduce((sent, message) => sent | (1 << MESSAGES.indexOf(message)), 0)
      const state: World = {
        ...world,
        store: world.store.with(sn, { status: 'CREATING', stockState: 'selling' }),
        sent: world.sent.with(sn, (world.sent[sn] as number) & stillSent),
        terminated: true,
      }
      return [{ label: `the store is set back: order${this.#of(sn)} is CREATING`, state, byHand: true }]
    })
  }

  /**
   * Returns true if an ended run calls an order confirmed which the store holds CREATING: an operator finds it, and says what
   * holds.
   */
  isLeftToOperator({ store, told }: World, sn: number): boolean {
    return store[sn]?.status === 'CREATING' && ((told[sn] as number) & TOLD.created) !== 0
  }

  /** Returns true if a void leaves the order as it is, for an operator. */
  leavesAnswered(world: World, sn: number): boolean {
    return this.setting.safeguards.has('voidLeavesAnswered') && this.isLeftToOperator(world, sn)
  }

  /** Returns what a run gives back of what a row owes. */
  owedBy(row: Row | undefined): ('stock' | 'coupon')[] {
    const owed = owedBy(row)
    return this.setting.safeguards.has('owedIsASet') || owed.includes('stock') ? owed : []
  }

  /** Returns true if the sweep has something to do. */
  isUnsettled(row: Row | undefined): boolean {
    return row?.status === 'CREATING' || this.owedBy(row).length > 0
  }

  /** A run moves on, and sends what it then waits for. */
  goTo(world: World, run: number, place: Place): World {
    const message = SENT_AT[place]
    const at = world.at.with(run, place)
    const sn = (this.setting.runs[run] as Run).sn
    // Whoever is about to void looks first, at every attempt.
    if (!message || (VOIDS.includes(message) && this.leavesAnswered(world, sn))) return { ...world, at }
    return { ...world, at, sent: world.sent.with(sn, (world.sent[sn] as number) | (1 << MESSAGES.indexOf(message))) }
  }

  /** A caller hears an answer, and the run moves on. */
  tell(world: World, run: number, answer: keyof typeof TOLD, place: Place): World {
    const sn = (this.setting.runs[run] as Run).sn
    const told = world.told.with(sn, (world.told[sn] as number) | TOLD[answer])
    return { ...this.goTo(world, run, place), told }
  }

  encode({ store, inventory, coupons, sent, told, at, terminated }: World): string {
    const codes: number[] = [inventory.stock * 2 + (terminated ? 1 : 0)]
    for (let sn = 0; sn < store.length; sn++) {
      codes.push(rowCode(store[sn]) * 4 + saleCode(inventory.ledger[sn]), (sent[sn] as number) * 8 + (told[sn] as number))
      if (this.setting.coupon) codes.push(saleCode(coupons.ledger[sn]) * 2 + (store[sn]?.held ? 1 : 0))
    }
    for (let run = 0; run < at.length; run += 3)
      codes.push(placeCode(at[run]) + placeCode(at[run + 1]) * 32 + placeCode(at[run + 2]) * 1024)
    return String.fromCharCode(...codes)
  }

  describe({ store, inventory, coupons, at }: World): string {
    const orders = store.map((row, sn) => {
      const held = row ? `${row.status} ${row.stockState}` : 'no row'
      return `order${this.#of(sn)}: ${held}, ledger ${inventory.ledger[sn] ?? 'empty'}${this.setting.coupon ? `, coupon ${coupons.ledger[sn] ?? 'not used'}${row?.held ? ' and held' : ''}` : ''}`
    })
    const running = this.setting.runs.flatMap((run, i) => (at[i] === 'idle' ? [] : [`${this.nameOf(run)} at ${at[i]}`]))
    return [...orders, `stock ${inventory.stock}`, ...running].join(' | ')
  }

  nameOf(run: Run): string {
    return run.kind === 'sweep' ? `sweep${this.#of(run.sn)}` : run.name
  }

  #judge(store: Store, sn: number, message: Exclude<Message, 'sell' | 'reback' | 'use' | 'giveBack'>) {
    switch (message) {
      case 'open':
        return this.#store.open(store, sn)
      case 'confirm':
        return this.#store.confirm(store, sn)
      case 'void':
        return this.#store.void(store, sn, { owes: true, request: true })
      case 'voidUnowed':
        return this.#store.void(store, sn, { owes: false, request: true })
      case 'voidBySweep':
        return this.#store.void(store, sn, { owes: true, request: false })
      case 'markReturned':
        return this.#store.markReturned(store, sn)
      case 'markGivenBack':
        return this.#store.markGivenBack(store, sn)
    }
  }

  #of(sn: number): string {
    return this.setting.orders.length > 1 ? ` ${sn + 1}` : ''
  }
}

const STATUSES = ['CREATING', 'PAYING', 'CLOSED'] as const
const STOCK_STATES = ['none', 'selling', 'sold', 'returning', 'returned'] as const

function rowCode(row: Row | undefined): number {
  if (!row) return 0
  return 1 + STATUSES.indexOf(row.status) * STOCK_STATES.length + STOCK_STATES.indexOf(row.stockState)
}

function saleCode(sale: Inventory['ledger'][number]): number {
  return sale === undefined ? 0 : sale === 'SOLD' ? 1 : 2
}

const PLACE_CODES: ReadonlyMap<Place | undefined, number> = new Map(PLACES.map((place, i) => [place, i]))

function placeCode(place: Place | undefined): number {
  return PLACE_CODES.get(place) ?? 0
}
