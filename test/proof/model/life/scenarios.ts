import type { LifeSafeguards } from './safeguards.ts'
import type { LifeSetting } from './world.ts'

/** The worlds of the life of orders, each small enough for all of its states. */
export const LIFE_SCENARIOS = {
  /** One order, two payments of its amount and one of another, reported as often as you like; the deadline. */
  payments: (safeguards: LifeSafeguards): LifeSetting => ({
    orders: 1,
    from: 'CREATING',
    reports: [
      { payment: 0, order: 0, isRight: true },
      { payment: 0, order: 0, isRight: false },
      { payment: 1, order: 0, isRight: true },
      { payment: 2, order: 0, isRight: false },
    ],
    runs: [{ kind: 'pass', name: 'pass' }],
    safeguards,
  }),

  /** One order, cancelled, deleted, finished and paid at once, from before its confirmation on. */
  requests: (safeguards: LifeSafeguards): LifeSetting => ({
    orders: 1,
    from: 'CREATING',
    reports: [{ payment: 0, order: 0, isRight: true }],
    runs: [
      { kind: 'cancel', order: 0 },
      { kind: 'delete', order: 0 },
      { kind: 'finish', order: 0 },
      { kind: 'pass', name: 'pass' },
    ],
    safeguards,
  }),

  /** Two orders at their deadline, two passes at once, one payment reported for both orders, and somebody who gives back one of them. */
  deadline: (safeguards: LifeSafeguards): LifeSetting => ({
    orders: 2,
    from: 'PAYING',
    reports: [
      { payment: 0, order: 0, isRight: true },
      { payment: 0, order: 1, isRight: true },
    ],
    runs: [
      { kind: 'pass', name: 'pass A' },
      { kind: 'pass', name: 'pass B' },
    ],
    safeguards,
  }),

  /** One order that its buyer cancels, with a run that gives it back, a pass, and somebody who runs activities by themselves. */
  giveBack: (safeguards: LifeSafeguards): LifeSetting => ({
    orders: 1,
    from: 'PAYING',
    reports: [{ payment: 0, order: 0, isRight: true }],
    runs: [
      { kind: 'cancel', order: 0 },
      { kind: 'giveBack', order: 0 },
      { kind: 'pass', name: 'pass' },
    ],
    stranger: true,
    safeguards,
  }),
} satisfies Record<string, (safeguards: LifeSafeguards) => LifeSetting>
