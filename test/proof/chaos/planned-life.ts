import { Draw } from './draw.ts'

/**
 * Course of a customer once the order is created.
 * - `pay`: the right amount, once
 * - `payRepeated`: the gateway repeats its report, at the same moment and later
 * - `payTwice`: two payments at the same moment
 * - `payWrongly`: another amount first, then the right one
 * - `race`: pays and cancels at the same moment, about when the order is closed for want of a payment
 * - `leave`: nothing, so that it expires
 */
type LifeKind = 'pay' | 'payRepeated' | 'payTwice' | 'payWrongly' | 'cancel' | 'delete' | 'race' | 'leave'

/** Orders of a hundred that are created. */
const KINDS: Record<LifeKind, number> = {
  pay: 36,
  payRepeated: 8,
  payTwice: 8,
  payWrongly: 8,
  cancel: 12,
  delete: 6,
  race: 12,
  leave: 10,
}
/** Keeps these draws apart from those of the order itself, which other seeds decide. */
const LIFE = 0x11fe

export interface PlannedLife {
  kind: LifeKind
  /** Time after the order was created. Milliseconds. */
  afterMs: number
  /** Time of a race after the moment at which the order is to be closed. Milliseconds, negative before it. */
  fromDueMs: number
  /** True: the goods are received, if the order is paid. */
  finishes: boolean
}

/** Life of the order of this place in the run of this seed. */
export function plannedLife(seed: number, place: number): PlannedLife {
  const draw = new Draw(seed, place, LIFE)
  return {
    kind: draw.weighted(KINDS),
    afterMs: draw.below(3_000),
    // Orders are closed every 5 s: some of these moments are before that, some behind it.
    fromDueMs: draw.between(-1_000, 5_000),
    finishes: draw.chance(0.5),
  }
}
