import type { Model, Step } from '../checker.ts'
import type { CartSafeguards } from './safeguards.ts'

/** Fields of a request, an address say: two requests that differ in them are two intentions. */
type Fields = 'A' | 'B'

/** The row of an order. What it holds, and what the cart held, is a set of goods, a bit each. */
interface Order {
  state: 'creating' | 'paying' | 'refused' | 'empty' | 'changed'
  fields: Fields
  goods: number
  /** Number of edits that the cart had seen when the row was inserted. */
  edits: number
}

/** The statement of openOrders between its snapshot and its locks. */
interface Opening {
  key: string
  goods: number
  revision: number
  hasRow: boolean
}

/** One click, or the repeat of one whose reply was lost: they carry nothing by which they could be told apart. */
interface Request {
  at: 'idle' | 'keyed' | 'waits' | 'over'
  key: string
  /** Number of edits when it began, and keys of the orders of its fields that stood then, or were refused. */
  edits: number
  stood: readonly string[]
  refused: readonly string[]
  /** True if the cart was empty at some moment since. */
  sawEmpty: boolean
}

export interface CartWorld {
  /** Checked goods. */
  cart: number
  revision: number
  /** True if the store has a row for the revision. */
  hasRow: boolean
  edits: number
  /** Refusals that may come yet. */
  refusals: number
  orders: Readonly<Record<string, Order>>
  /** Keys for which a run was started: what it sends to the store may arrive at any time. */
  started: readonly string[]
  openings: readonly Opening[]
  requests: readonly Request[]
  /** Promises that were broken by an answer, or by an order. */
  broken: readonly string[]
  /** An edit that has changed the cart and not the revision, only if the safeguard raisesWithTheEdit is taken away. */
  unraised?: boolean
}

export const CART_PROMISES = {
  onceOnly: 'no goods of a cart are ordered twice',
  ownFields: 'a request is answered an order of its own fields',
  sameOrder: 'a request that repeats another is answered the same order',
  newAfterEdit: 'a request after an edit is answered no order of before',
  newAfterRefusal: 'a request after a refusal is not answered that refusal',
  wholeCart: 'an order takes the cart of its revision, and all of it',
  emptyOnly: 'EmptyCart is answered only if the cart was empty since the request began',
  neverChanged: 'nobody is refused because a cart has changed meanwhile',
} as const

/** Participants of a world. */
export interface CartSetting {
  /** The fields of each request. */
  requests: readonly Fields[]
  edits: number
  /** Number of orders that their runs refuse. */
  refusals: number
}

/**
 * Orders of one cart without an Idempotency-Key (contracts/natural-key.ts, store/natural-keys.ts, store/open-orders.ts): what a run does to
 * bring an order to its end is the other models' matter; here it is confirmed or refused at any time.
 */
export function cartKeys({ requests: asked, ...most }: CartSetting, safeguards: CartSafeguards): Model<CartWorld> {
  const keyOf = (revision: number, fields: Fields, spent: number) =>
    `${revision}${safeguards.has('fieldsInKey') ? fields : ''}${spent}`
  const revisionOf = (key: string) => Number(key[0])

  function spends({ state }: Order): boolean {
    if (!safeguards.has('refusalSpendsKey') || !safeguards.has('refusalSpendsItsOwn')) return state === 'changed'
    return state === 'refused' || state === 'changed' || (state === 'empty' && !safeguards.has('emptyCartSpendsNothing'))
  }

  /** The key of a request now: the first of its revision and fields that no refusal has spent. */
  function naturalKey({ orders, revision }: CartWorld, fields: Fields): string {
    for (let spent = 0; ; spent++) {
      const order = orders[keyOf(revision, fields, spent)]
      if (!order || !spends(order)) return keyOf(revision, fields, spent)
    }
  }

  const raised = (world: CartWorld): CartWorld => ({ ...world, revision: world.revision + 1, hasRow: true })

  function edits(world: CartWorld): Step<CartWorld>[] {
    if (world.unraised) {
      const { unraised: _, ...rest } = world
      return [
        { label: 'the edit raises the revision', state: raised(rest) },
        { label: 'the edit ends, and raises nothing', state: rest },
      ]
    }
    if (world.edits === most.edits) return []
    const edited = (label: string, cart: number): Step<CartWorld> => {
      const after = { ...world, cart, edits: world.edits + 1 }
      return { label, state: safeguards.has('raisesWithTheEdit') ? raised(after) : { ...after, unraised: true } }
    }
    const added = 2 << world.edits
    return [
      edited(`the user puts goods ${added} into the cart`, world.cart | added),
      ...(world.cart > 0 ? [edited('the user takes everything out of the cart', 0)] : []),
    ]
  }

  function requestSteps(world: CartWorld, i: number): Step<CartWorld>[] {
    const request = world.requests[i] as Request
    const fields = asked[i] as Fields
    const name = `request ${i + 1} (${fields})`
    const goTo = (to: Partial<Request>, after = world): CartWorld => ({
      ...after,
      requests: after.requests.with(i, { ...request, ...to }),
    })
    const over = (after = world) => goTo({ at: 'over', key: '', edits: 0, stood: [], refused: [], sawEmpty: false }, after)
    const keyed = (to: Partial<Request>): Step<CartWorld> => {
      const key = naturalKey(world, fields)
      const after = safeguards.has('rowBeforeKey') ? { ...world, hasRow: true } : world
      return { label: `${name} has key ${key}`, state: goTo({ ...to, at: 'keyed', key }, after) }
    }
    switch (request.at) {
      case 'idle': {
        // Equal requests are interchangeable: they begin in turn.
        if (i > 0 && asked[i - 1] === fields && world.requests[i - 1]?.at === 'idle') return []
        const mine = Object.entries(world.orders).filter(([, order]) => order.fields === fields && order.edits === world.edits)
        const those = (...states: Order['state'][]) => mine.flatMap(([key, { state }]) => (states.includes(state) ? key : []))
        const before = { edits: world.edits, stood: those('creating', 'paying'), refused: those('refused') }
        return [keyed({ ...before, sawEmpty: world.cart === 0 })]
      }
      case 'keyed': {
        const started = [...new Set([...world.started, request.key])].sort()
        return [
          { label: `${name} ends, and has started nothing`, state: over() },
          { label: `${name} starts a run`, state: goTo({ at: 'waits' }, { ...world, started }) },
        ]
      }
      case 'waits': {
        const order = world.orders[request.key]
        if (!order || order.state === 'creating') return []
        if (order.state === 'changed' && safeguards.has('placesAgain')) return [keyed({})]
        return [{ label: `${name} is answered: ${show(request.key, order)}`, state: broke(over(), ...wrongs(world, i, order)) }]
      }
      case 'over':
        return []
    }
  }

  /** Promises that this answer breaks. */
  function wrongs(world: CartWorld, i: number, answer: Order): string[] {
    const request = world.requests[i] as Request
    const fields = asked[i] as Fields
    const isUnedited = request.edits === world.edits
    const standing = Object.entries(world.orders).filter(
      ([key, { state, fields: of, edits }]) =>
        key !== request.key && of === fields && edits === world.edits && (state === 'creating' || state === 'paying'),
    )
    // A refusal that came before the order that stands may be on its way yet.
    const another = standing.filter(([key]) => answer.state !== 'refused' || request.stood.includes(key))
    return [
      ...(answer.fields !== fields ? [CART_PROMISES.ownFields] : []),
      ...(isUnedited && another.length > 0 ? [CART_PROMISES.sameOrder] : []),
      ...(answer.edits < request.edits ? [CART_PROMISES.newAfterEdit] : []),
      ...(answer.state === 'refused' && request.refused.includes(request.key) ? [CART_PROMISES.newAfterRefusal] : []),
      ...(answer.state === 'empty' && !request.sawEmpty ? [CART_PROMISES.emptyOnly] : []),
      ...(answer.state === 'changed' ? [CART_PROMISES.neverChanged] : []),
    ]
  }

  function storeSteps(world: CartWorld): Step<CartWorld>[] {
    const begins = world.started.flatMap((key) => {
      if (world.orders[key] || world.openings.some((one) => one.key === key)) return []
      const opening = { key, goods: world.cart, revision: world.revision, hasRow: world.hasRow }
      return { label: `openOrders of ${key} takes its snapshot`, state: { ...world, openings: [...world.openings, opening] } }
    })
    return [...begins, ...world.openings.map((opening) => inserted(world, opening))]
  }

  function inserted(world: CartWorld, { key, ...snapshot }: Opening): Step<CartWorld> {
    const openings = world.openings.filter((one) => one.key !== key)
    // A lock finds no row that came after the snapshot, and reads those that it finds as they are now.
    const goods = safeguards.has('cartLocked') ? snapshot.goods & world.cart : snapshot.goods
    const isLocked = safeguards.has('revisionLocked') && snapshot.hasRow
    const revision = isLocked ? world.revision : snapshot.revision
    // Without fields in the key, whoever opens the order says which they are.
    const fields = (key.slice(1, -1) || asked[world.requests.findIndex((request) => request.key === key)] || 'A') as Fields
    const row = (state: Order['state']): Order => ({ state, fields, goods: state === 'creating' ? goods : 0, edits: world.edits })
    const open = (order: Order, ...wrong: string[]): Step<CartWorld> => {
      const after = { ...world, openings, orders: sorted({ ...world.orders, [key]: order }) }
      const isRaise = order.state === 'refused' && !safeguards.has('refusalSpendsItsOwn')
      return { label: `openOrders inserts ${show(key, order)}`, state: broke(isRaise ? raised(after) : after, ...wrong) }
    }
    if (safeguards.has('revisionChecked') && revision !== revisionOf(key)) return open(row('changed'))
    if (goods === 0) return open(row('empty'))
    const rival = Object.values(world.orders).find(({ state }) => state === 'creating')
    if (!rival) return open(row('creating'), ...(goods === world.cart ? [] : [CART_PROMISES.wholeCart]))
    const isDouble = rival.fields === fields && rival.edits === world.edits
    return open(row('refused'), ...(isDouble ? [CART_PROMISES.sameOrder] : []))
  }

  function ends(world: CartWorld): Step<CartWorld>[] {
    return Object.entries(world.orders).flatMap(([key, order]) => {
      if (order.state !== 'creating') return []
      const become = (state: Order['state']) => ({ ...world, orders: { ...world.orders, [key]: { ...order, state } } })
      const confirmed = { ...become('paying'), cart: world.cart & ~order.goods }
      const refused = { ...become('refused'), refusals: world.refusals - 1 }
      return [
        { label: `order ${key} is confirmed`, state: safeguards.has('confirmRaisesNothing') ? confirmed : raised(confirmed) },
        ...(world.refusals > 0
          ? [{ label: `order ${key} is refused`, state: safeguards.has('refusalSpendsItsOwn') ? refused : raised(refused) }]
          : []),
      ]
    })
  }

  return {
    initial: {
      cart: 1,
      revision: 0,
      hasRow: false,
      edits: 0,
      refusals: most.refusals,
      orders: {},
      started: [],
      openings: [],
      requests: asked.map(() => ({ at: 'idle', key: '', edits: 0, stood: [], refused: [], sawEmpty: false })),
      broken: [],
    },
    steps: (world) =>
      [...edits(world), ...asked.flatMap((_, i) => requestSteps(world, i)), ...storeSteps(world), ...ends(world)].map(
        ({ label, state }) => ({ label, state: seen(state) }),
      ),
    encode: (world) => JSON.stringify(world),
    describe: ({ cart, revision, orders, openings, requests }) =>
      [
        `cart ${goodsIn(cart)}, revision ${revision}`,
        ...Object.entries(orders).map(([key, order]) => show(key, order)),
        ...openings.map(({ key, goods }) => `openOrders of ${key} at ${goodsIn(goods)}`),
        ...requests.flatMap(({ at, key }, i) => (at === 'keyed' || at === 'waits' ? [`request ${i + 1} ${at} by ${key}`] : [])),
      ].join(' | '),
    isQuiet: ({ requests, started, orders, openings, unraised }) =>
      !unraised &&
      openings.length === 0 &&
      requests.every(({ at }) => at === 'over') &&
      started.every((key) => orders[key]) &&
      Object.values(orders).every(({ state }) => state !== 'creating'),
    always: {
      [CART_PROMISES.onceOnly]: ({ orders }) => {
        const standing = Object.values(orders).filter(({ state }) => state === 'creating' || state === 'paying')
        return standing.reduce((sum, { goods }) => sum + goods, 0) === standing.reduce((all, { goods }) => all | goods, 0)
      },
      ...Object.fromEntries(
        Object.values(CART_PROMISES)
          .filter((promise) => promise !== CART_PROMISES.onceOnly)
          .map((promise) => [promise, ({ broken }: CartWorld) => !broken.includes(promise)]),
      ),
    },
    whenQuiet: {},
  }
}

function broke(world: CartWorld, ...promises: string[]): CartWorld {
  return promises.length > 0 ? { ...world, broken: [...world.broken, ...promises] } : world
}

/** The world in which those who wait have seen an empty cart, if it is empty. */
function seen(world: CartWorld): CartWorld {
  if (world.cart > 0) return world
  const requests = world.requests.map((one) => (one.at === 'keyed' || one.at === 'waits' ? { ...one, sawEmpty: true } : one))
  return { ...world, requests }
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function goodsIn(set: number): string {
  return set === 0 ? 'empty' : [1, 2, 4].filter((one) => set & one).join('+')
}

function show(key: string, { state, goods }: Order): string {
  return `order ${key} ${state}${goods > 0 ? ` of ${goodsIn(goods)}` : ''}`
}
