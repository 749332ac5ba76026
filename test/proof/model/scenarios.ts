import type { Safeguards } from './safeguards.ts'
import type { Order } from './store.ts'
import type { Setting } from './world.ts'

const ONE: Order[] = [{ user: 1, request: 1 }]

const RIVALS: Order[] = [
  { user: 1, request: 1 },
  { user: 1, request: 2 },
]

/** The worlds that are explored, each small enough for all of its states. */
export const SCENARIOS = {
  /** One request, sent to createOrder under two workflow ids. */
  twice: (safeguards: Safeguards): Setting => {
    // Without derived numbers each run names an order of its own.
    const derived = safeguards.has('derivedNumber')
    return {
      orders: derived ? ONE : [...ONE, ...ONE],
      stock: 2,
      runs: [
        { kind: 'createOrder', name: 'createOrder A', sn: 0 },
        { kind: 'createOrder', name: 'createOrder B', sn: derived ? 0 : 1 },
        { kind: 'sweep', sn: 0 },
        ...(derived ? [] : [{ kind: 'sweep', sn: 1 } as const]),
      ],
      operator: ['terminates', 'resets'],
      safeguards,
    }
  },

  /** One request in a batch of the express lane, with its hand-over. */
  express: (safeguards: Safeguards): Setting => ({
    orders: ONE,
    stock: 1,
    runs: [
      { kind: 'createOrder', name: 'createOrder', sn: 0 },
      { kind: 'createOrders', name: 'lane', sn: 0, child: 0, old: 2 },
      { kind: 'replaced', name: 'old lane', sn: 0 },
      { kind: 'sweep', sn: 0 },
    ],
    operator: ['terminates', 'resets'],
    safeguards,
  }),

  /** One request in two batches of the express lane at once. */
  expressTwice: (safeguards: Safeguards): Setting => ({
    orders: ONE,
    stock: 1,
    runs: [
      { kind: 'createOrder', name: 'createOrder', sn: 0 },
      { kind: 'createOrders', name: 'lane A', sn: 0, child: 0, old: 3 },
      { kind: 'createOrders', name: 'lane B', sn: 0, child: 0, old: 3 },
      { kind: 'replaced', name: 'old lane', sn: 0 },
    ],
    operator: [],
    safeguards,
  }),

  /** One request in a batch, which the intake records as well, before or after the batch does, or without any batch. */
  recorded: (safeguards: Safeguards): Setting => ({
    orders: ONE,
    stock: 1,
    runs: [
      { kind: 'createOrder', name: 'createOrder', sn: 0 },
      { kind: 'createOrders', name: 'lane', sn: 0, child: 0, old: 2 },
      { kind: 'replaced', name: 'old lane', sn: 0 },
      { kind: 'intake', name: 'intake', sn: 0 },
      { kind: 'sweep', sn: 0 },
    ],
    operator: [],
    safeguards,
  }),

  /** Two requests of one user at once, one recorded by the intake, which may be all that becomes of it. */
  recordedRivals: (safeguards: Safeguards): Setting => ({
    orders: RIVALS,
    stock: 1,
    runs: [
      { kind: 'createOrder', name: 'createOrder 1', sn: 0 },
      { kind: 'createOrder', name: 'createOrder 2', sn: 1 },
      { kind: 'intake', name: 'intake 2', sn: 1 },
      { kind: 'sweep', sn: 1 },
    ],
    operator: [],
    safeguards,
  }),

  /** Two requests of one user at once, one through createOrder, the other through the lane. */
  rivalLanes: (safeguards: Safeguards): Setting => ({
    orders: RIVALS,
    stock: 1,
    runs: [
      { kind: 'createOrder', name: 'createOrder 1', sn: 0 },
      { kind: 'createOrder', name: 'createOrder 2', sn: 1 },
      { kind: 'createOrders', name: 'lane', sn: 1, child: 1 },
    ],
    operator: [],
    safeguards,
  }),

  /** One request through createOrder, and somebody who runs its effects by themselves. */
  stranger: (safeguards: Safeguards): Setting => ({
    orders: ONE,
    stock: 1,
    runs: [
      { kind: 'createOrder', name: 'createOrder', sn: 0 },
      { kind: 'createOrders', name: 'lane', sn: 0, child: 0 },
      { kind: 'sweep', sn: 0 },
      { kind: 'stranger', name: 'stranger', sn: 0 },
    ],
    operator: ['terminates', 'resets'],
    safeguards,
  }),

  /** One request that takes from two participants, sent to createOrder under two workflow ids. */
  both: (safeguards: Safeguards): Setting => ({
    orders: ONE,
    stock: 2,
    coupon: true,
    runs: [
      { kind: 'createOrder', name: 'createOrder A', sn: 0 },
      { kind: 'createOrder', name: 'createOrder B', sn: 0 },
      { kind: 'sweep', sn: 0 },
    ],
    operator: ['terminates', 'resets'],
    safeguards,
  }),

  /** The same in a batch, with its hand-over. */
  bothInLane: (safeguards: Safeguards): Setting => ({
    orders: ONE,
    stock: 1,
    coupon: true,
    runs: [
      { kind: 'createOrder', name: 'createOrder', sn: 0 },
      { kind: 'createOrders', name: 'lane', sn: 0, child: 0 },
      { kind: 'sweep', sn: 0 },
    ],
    operator: ['terminates'],
    safeguards,
  }),

  /** One request whose confirmation the store loses when it was answered already; its caller repeats it, through either lane. */
  setBack: (safeguards: Safeguards): Setting => ({
    orders: ONE,
    stock: 1,
    runs: [
      { kind: 'createOrder', name: 'createOrder', sn: 0 },
      { kind: 'createOrders', name: 'lane', sn: 0, child: 0 },
      { kind: 'sweep', sn: 0 },
    ],
    operator: ['terminates', 'setsBack'],
    safeguards,
  }),

  /** Two requests of one user at once, each through createOrder. */
  rivals: (safeguards: Safeguards): Setting => ({
    orders: RIVALS,
    stock: 1,
    runs: [
      { kind: 'createOrder', name: 'createOrder 1', sn: 0 },
      { kind: 'createOrder', name: 'createOrder 2', sn: 1 },
    ],
    operator: [],
    safeguards,
  }),
} satisfies Record<string, (safeguards: Safeguards) => Setting>
