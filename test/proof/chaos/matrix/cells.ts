import { Draw } from '../draw.ts'
import { inventoryOf, isUnkeyed, LANES, type Lane, STEPS, type StepName, stepOf } from './steps.ts'

/**
 * Faults of a message.
 * - `lost`: it never arrives, its sender is told that the connection broke
 * - `reply lost`: it takes effect, its sender is told that the connection broke
 * - `late`: it arrives when its sender has given up
 * - `duplicated`: it arrives twice at the same time
 * - `reordered`: it arrives behind what was sent after it: its own repeat, or the undo of its effect
 * - `refused`: turned away for good, by a gateway; by a standby server in place of the database
 * - `killed before`, `killed after`: its sender dies at this moment, before it arrives or when it took effect
 */
export const FAULTS = [
  'lost',
  'reply lost',
  'late',
  'duplicated',
  'reordered',
  'refused',
  'killed before',
  'killed after',
] as const
export type Fault = (typeof FAULTS)[number]

/**
 * Ways in which a caller places its order.
 * - `http`: `POST /orders` with lines and a key
 * - `grpc`: OrderCreate, so of the cart, with a key
 * - `click`: OrderCreate without a key, as the original's callers send it
 */
export const DOORS = ['http', 'grpc', 'click'] as const
export type Door = (typeof DOORS)[number]

/** One order, and the one thing that befalls one of its messages. */
export interface Cell {
  lane: Lane
  step: StepName
  fault: Fault
  door: Door
  /** No two cells share a user. */
  userId: number
  /** No two cells share goods of one inventory. */
  goodsId: number
}

/** Returns why there is no such cell, if one might be expected. */
export function whyNot({ lane, step, fault }: Pick<Cell, 'lane' | 'step' | 'fault'>): string | undefined {
  const { party } = stepOf(step)
  if (fault === 'duplicated' && party === 'PostgreSQL') {
    return 'a connection carries a statement once; late and reordered ones meet their own repeats'
  }
  if (fault === 'duplicated' && party === 'Inventory' && isUnkeyed(lane)) {
    return 'an inventory without keys applies whatever arrives: nothing between it and the worker may repeat a call'
  }
  return undefined
}

/** Every (lane × step × fault) that there is, the same each time. */
export function allCells(): Cell[] {
  const cells: Cell[] = []
  /** Goods in use, by inventory. */
  const sold = { shared: 0, hosted: 0, unkeyed: 0, 'unkeyed-hosted': 0 }
  for (const step of Object.keys(STEPS) as StepName[]) {
    for (const lane of stepOf(step).lanes) {
      for (const fault of FAULTS) {
        if (whyNot({ lane, step, fault })) continue
        // In turn: no step, fault or lane has the callers of one door alone.
        const door = stepOf(step).door ?? (DOORS[cells.length % DOORS.length] as Door)
        cells.push({ lane, step, fault, door, userId: 1 + cells.length, goodsId: ++sold[inventoryOf(lane)] })
      }
    }
  }
  return cells
}

/**
 * A share of them, in the order of a seed.
 * @param share from 0 to 1, of each lane
 */
export function someCells(share: number, seed: number): Cell[] {
  const draw = new Draw(seed)
  return LANES.flatMap((lane) => {
    const cells = allCells().filter((cell) => cell.lane === lane)
    for (let i = cells.length - 1; i > 0; i--) {
      const j = draw.below(i + 1)
      const [a, b] = [cells[i] as Cell, cells[j] as Cell]
      cells[i] = b
      cells[j] = a
    }
    return cells.slice(0, Math.ceil(cells.length * share))
  })
}

/** Returns true if the fault meets others as well: whatever else the process is at that it ends, or those who share the message. */
export function meetsOthers({ fault, step }: Cell): boolean {
  // Orders share the start of what gives back, and the statement that names them, if they come at about the same time.
  return fault.startsWith('killed') || ['startGiveBack', 'nameOrder'].includes(step)
}

export function nameOf({ lane, step, fault, door }: Cell): string {
  return `${lane}, ${step}, ${fault}, ${door}`
}
