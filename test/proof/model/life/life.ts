import type { Model } from '../checker.ts'
import { acceptedOf, type LifeRow, type Replayed } from './rules.ts'
import { hasItsMoney, partySteps, runSteps } from './steps.ts'
import { HEARD, LifeParties, type LifeSetting, type LifeWorld } from './world.ts'

/** The life of orders after they were sold, and what it promises. */
export function life(setting: LifeSetting): Model<LifeWorld> {
  const parties = new LifeParties(setting)
  const everyOrder = (holds: (row: LifeRow, world: LifeWorld, order: number) => boolean) => (world: LifeWorld) =>
    world.tables.rows.every((row, order) => holds(row, world, order))
  const isPaid = ({ status }: LifeRow) => status === 'TRADE_SUCCESS' || status === 'TRADE_FINISHED'
  const told = (world: LifeWorld, order: number, heard: keyof typeof HEARD) =>
    ((world.told[order] as number) & HEARD[heard]) !== 0

  return {
    initial: parties.initial(),
    steps: (world) => [...partySteps(parties, world), ...setting.runs.flatMap((_, run) => runSteps(parties, world, run))],
    encode: (world) => parties.encode(world),
    describe: (world) => parties.describe(world),
    isQuiet: ({ tables, due, at, looked }) =>
      at.every((place) => place === '') &&
      looked.every((outcome) => !outcome) &&
      due.every((isDue) => isDue) &&
      tables.rows.every(
        ({ status, stock }) =>
          status !== 'CREATING' && status !== 'PAYING' && (stock !== 'returning' || !setting.safeguards.has('findsReturning')),
      ),

    always: {
      'what stands is SOLD': everyOrder(
        (row, { inventory }, order) => (row.status !== 'PAYING' && !isPaid(row)) || inventory.ledger[order] === 'SOLD',
      ),
      'never two payments of an order are accepted': everyOrder((_, { tables }, order) => acceptedOf(tables, order).length < 2),
      'what is paid has one accepted payment, of its amount': everyOrder(
        (row, { tables }, order) => !isPaid(row) || hasItsMoney(tables, order),
      ),
      'what has an accepted payment is paid': everyOrder(
        (row, { tables }, order) => acceptedOf(tables, order).length === 0 || isPaid(row),
      ),
      'each payment counts once': ({ tables }) => tables.payments.every((recorded) => recorded.length < 2),
      'a payment that was answered is recorded': ({ tables, answered }) =>
        setting.reports.every(({ payment }, i) => answered[i] === 0 || tables.payments[payment]?.length !== 0),
      'the repeat of a report has the same answer': ({ answered }) => answered.every((bits) => (bits & (bits - 1)) === 0),
      'nothing is closed for its deadline before that': everyOrder(
        ({ reason }, { due }, order) => reason !== 'expired' || due[order] === true,
      ),
      'what is hidden is closed': everyOrder(({ status, hidden }) => !hidden || status === 'TRADE_CLOSED'),
      'who was told that it is closed never has it paid': everyOrder(
        ({ status }, world, order) => !told(world, order, 'closed') || status === 'TRADE_CLOSED',
      ),
      'who was told that it is paid has it': everyOrder((row, world, order) => !told(world, order, 'paid') || isPaid(row)),
      'who was told that it is finished has it so': everyOrder(
        ({ status }, world, order) => !told(world, order, 'finished') || status === 'TRADE_FINISHED',
      ),
      'who was told that it is hidden does not meet it': everyOrder(
        ({ hidden }, world, order) => !told(world, order, 'hidden') || hidden === true,
      ),
      'a move is refused only of a row that does not allow it': everyOrder((_, world, order) => !told(world, order, 'absurd')),
      'the events, replayed, give the row': everyOrder((row, { tables }, order) => isReplayed(row, tables, order)),
      'no more is given back than was sold': ({ inventory }) => inventory.stock <= 1 + setting.orders,
    },
    whenQuiet: {
      'when quiet, stock and standing orders make what there was': ({ tables, inventory }) =>
        inventory.stock + tables.rows.filter(isPaid).length === 1 + setting.orders,
      'when quiet, what is closed was given back': everyOrder(
        ({ status, stock }, { inventory }, order) =>
          status !== 'TRADE_CLOSED' || (inventory.ledger[order] === 'RETURNED' && stock === 'returned'),
      ),
      'when quiet, each payment was accepted or owes its refund': ({ tables }) =>
        tables.payments
          .flat()
          .every(({ outcome, refund }) => outcome !== 'unjudged' && (outcome === 'accepted') === (refund === 'none')),
    },
  }
}

function isReplayed(row: LifeRow, { payments, replayed }: LifeWorld['tables'], order: number): boolean {
  const { status, reason, hidden, refunds } = replayed[order] as Replayed
  const owed = payments.every((recorded, payment) =>
    recorded.every((one) => one.order !== order || one.refund === 'none' || one.refund === refunds[payment]),
  )
  return status === row.status && reason === row.reason && hidden === row.hidden && owed
}
