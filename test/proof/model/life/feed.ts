import type { Model, Step } from '../checker.ts'
import type { LifeSafeguards } from './safeguards.ts'

/** A row of the outbox; `xact` places it in the feed. */
interface Event {
  order: number
  seq: number
  xact: number
  id: number
  /** The transaction that writes it. */
  by: number
}

interface Transaction {
  /** Its number; 0: none yet. */
  xid: number
  /** Number of its orders that it has moved. */
  moved: number
  isOver: boolean
  /** Number out of the reserve of its session, only if the safeguard idWhenWritten is taken away. */
  reserved: number
}

export interface Feed {
  nextXid: number
  nextId: number
  /** Numbers given out by a sequence, only if the safeguard seqInRow is taken away; by order. */
  sequences: readonly number[]
  transactions: readonly Transaction[]
  /** Events of open and of committed transactions. */
  events: readonly Event[]
  /** Place of the reader, and below it the last event that it read of each order. */
  cursor: { xact: number; id: number }
  read: readonly number[]
  /** A page that was read by a snapshot, and whose horizon is yet to be asked for, only if the safeguard horizonOfTheRead is taken away. */
  page?: readonly Event[]
}

/** The orders that each transaction moves, one after the other, each under its lock until the end. */
const MOVES = [[0, 1], [1], [0]]
const ORDERS = 2

/**
 * The outbox and whoever reads it by a cursor, a page of one event at a time (store/migrations/0006-order-life.ts): transactions have their
 * numbers before, or after, they have the locks of their orders, and commit in any order, or not at all.
 */
export function feed(safeguards: LifeSafeguards): Model<Feed> {
  /** An open transaction that has moved an order holds its lock. */
  const isLocked = ({ transactions }: Feed, order: number): boolean =>
    transactions.some(({ moved, isOver }, i) => !isOver && MOVES[i]?.slice(0, moved).includes(order))
  const isCommitted = ({ transactions }: Feed, { by }: Event): boolean => transactions[by]?.isOver === true
  const behind = (a: Pick<Event, 'xact' | 'id'>, b: Pick<Event, 'xact' | 'id'>): number =>
    (safeguards.has('xactOrder') ? a.xact - b.xact : 0) ||
    (safeguards.has('cursorOfBoth') || !safeguards.has('xactOrder') ? a.id - b.id : 0)
  /** The lowest number of a transaction that is open; the next one if none is. */
  const xmin = ({ transactions, nextXid }: Feed): number =>
    Math.min(nextXid, ...transactions.flatMap(({ xid, isOver }) => (xid > 0 && !isOver ? [xid] : [])))

  function transactionSteps(world: Feed, i: number): Step<Feed>[] {
    const transaction = world.transactions[i] as Transaction
    if (transaction.isOver) return []
    const name = `transaction ${i + 1}`
    const put = (after: Feed, to: Partial<Transaction>): Feed => ({
      ...after,
      transactions: after.transactions.with(i, { ...transaction, ...to }),
    })
    const steps: Step<Feed>[] = []
    if (transaction.xid === 0) {
      const begun = put({ ...world, nextXid: world.nextXid + 1 }, { xid: world.nextXid })
      steps.push({ label: `${name} has number ${world.nextXid}`, state: begun })
    }
    if (!safeguards.has('idWhenWritten') && transaction.reserved === 0) {
      const size = MOVES[i]?.length ?? 0
      const reserved = put({ ...world, nextId: world.nextId + size }, { reserved: world.nextId })
      return [...steps, { label: `${name}: its session reserves ids from ${world.nextId}`, state: reserved }]
    }
    const order = MOVES[i]?.[transaction.moved]
    if (order !== undefined && transaction.xid > 0 && !isLocked(world, order)) {
      // The row has the number: what others wrote and rolled back is gone with them.
      const before = world.events.filter((event) => event.order === order)
      const isCounted = safeguards.has('seqInRow')
      const seq = (isCounted ? before.length : (world.sequences[order] as number)) + 1
      const xact = safeguards.has('greatest') ? Math.max(transaction.xid, ...before.map((event) => event.xact)) : transaction.xid
      const id = transaction.reserved ? transaction.reserved + transaction.moved : world.nextId
      const event: Event = { order, seq, xact, id, by: i }
      const written: Feed = {
        ...world,
        nextId: transaction.reserved ? world.nextId : world.nextId + 1,
        events: [...world.events, event],
        ...(!isCounted && { sequences: world.sequences.with(order, seq) }),
      }
      steps.push({
        label: `${name} moves order ${order + 1}: ${show(event)}`,
        state: put(written, { moved: transaction.moved + 1 }),
      })
    }
    if (order === undefined) steps.push({ label: `${name} is committed`, state: put(world, { isOver: true }) })
    const undone = { ...world, events: world.events.filter(({ by }) => by !== i) }
    steps.push({ label: `${name} is rolled back`, state: put(undone, { isOver: true }) })
    return steps
  }

  function readerSteps(world: Feed): Step<Feed>[] {
    const { page, ...rest } = world
    if (page) return take(rest, page, xmin(world))
    const committed = world.events.filter((event) => isCommitted(world, event))
    if (safeguards.has('horizonOfTheRead')) return take(world, committed, xmin(world))
    return next(world, committed, world.nextXid)
      ? [{ label: 'the reader reads, and is slow to ask for the horizon', state: { ...world, page: committed } }]
      : []
  }

  function take(world: Feed, visible: readonly Event[], horizon: number): Step<Feed>[] {
    const event = next(world, visible, horizon)
    if (!event) return world.page ? [] : []
    const { xact, id, order, seq } = event
    // An event out of its order stays to be seen as a number that no order can have.
    const isNext = seq === (world.read[order] as number) + 1
    return [
      {
        label: `the reader reads ${show(event)}`,
        state: { ...world, cursor: { xact, id }, read: world.read.with(order, isNext ? seq : -9) },
      },
    ]
  }

  /** The page: one event. */
  function next({ cursor }: Feed, visible: readonly Event[], horizon: number): Event | undefined {
    return visible
      .filter((event) => behind(event, cursor) > 0 && (event.xact < horizon || !safeguards.has('horizon')))
      .sort((a, b) => behind(a, b) || a.id - b.id)[0]
  }

  return {
    initial: {
      nextXid: 1,
      nextId: 1,
      sequences: Array.from({ length: ORDERS }, () => 0),
      transactions: MOVES.map(() => ({ xid: 0, moved: 0, isOver: false, reserved: 0 })),
      events: [],
      cursor: { xact: 0, id: 0 },
      read: Array.from({ length: ORDERS }, () => 0),
    },
    steps: (world) => [...world.transactions.flatMap((_, i) => transactionSteps(world, i)), ...readerSteps(world)],
    encode: (world) => JSON.stringify(world),
    describe: (world) => {
      const { events, cursor, transactions } = world
      const open = transactions.flatMap(({ xid, isOver }, i) =>
        isOver || xid === 0 ? [] : [`transaction ${i + 1} open as ${xid}`],
      )
      const shown = events.map((event) => `${show(event)}${isCommitted(world, event) ? '' : ' (not committed)'}`)
      return [...shown, ...open, `horizon ${xmin(world)}`, `cursor ${cursor.xact}/${cursor.id}`].join(' | ')
    },
    isQuiet: (world) => world.transactions.every(({ isOver }) => isOver) && readerSteps(world).length === 0,
    always: {
      'the feed gives the events of an order one after the other': ({ read }) => read.every((seq) => seq >= 0),
    },
    whenQuiet: {
      'when quiet, the feed has given every event': ({ events, read }) =>
        read.every((seq, order) => seq === events.filter((event) => event.order === order).length),
    },
  }
}

function show({ order, seq, xact, id }: Event): string {
  return `event ${seq} of order ${order + 1} at ${xact}/${id}`
}
