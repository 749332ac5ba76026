import type { Model } from './checker.ts'
import { createOrderSteps } from './create-order.ts'
import { createOrdersSteps } from './create-orders.ts'
import { intakeSteps } from './intake.ts'
import { owedBy } from './store.ts'
import { strangerSteps } from './stranger.ts'
import { sweepSteps } from './sweep.ts'
import { Parties, type Setting, TOLD, type World } from './world.ts'

const STEPS = {
  createOrder: createOrderSteps,
  createOrders: createOrdersSteps,
  replaced: createOrdersSteps,
  intake: intakeSteps,
  sweep: sweepSteps,
  stranger: strangerSteps,
}

/** The protocol of both lanes in one setting, and what it promises. */
export function protocol(setting: Setting): Model<World> {
  const parties = new Parties(setting)
  const isSetBack = setting.operator.includes('setsBack')
  const everyOrder = (holds: (world: World, sn: number) => boolean) => (world: World) =>
    world.store.every((_, sn) => holds(world, sn))

  return {
    initial: parties.initial(),
    steps: (world) => [
      ...setting.runs.flatMap(({ kind }, run) => STEPS[kind](parties, world, run)),
      ...parties.strays(world),
      ...parties.setBack(world),
    ],
    encode: (world) => parties.encode(world),
    describe: (world) => parties.describe(world),
    isQuiet: (world) => {
      const isLeft = world.store.some((row, sn) => parties.isUnsettled(row) && !parties.isLeftToOperator(world, sn))
      return world.at.every((place) => place === 'idle') && !(world.terminated && isLeft)
    },

    always: {
      'what is PAYING is SOLD': everyOrder(
        ({ store, inventory }, sn) => store[sn]?.status !== 'PAYING' || inventory.ledger[sn] === 'SOLD',
      ),
      'what is PAYING has its coupon': everyOrder(
        ({ store, coupons }, sn) => !setting.coupon || store[sn]?.status !== 'PAYING' || coupons.ledger[sn] === 'SOLD',
      ),
      'who was answered an order has it': everyOrder(
        (world, sn) =>
          !((world.told[sn] as number) & TOLD.created) ||
          world.store[sn]?.status === 'PAYING' ||
          (isSetBack && parties.isLeftToOperator(world, sn)),
      ),
      'who was refused never has the order': everyOrder(
        ({ store, told }, sn) => !((told[sn] as number) & TOLD.refused) || store[sn]?.status !== 'PAYING',
      ),
      'who was told that an order is under way has it': everyOrder(
        ({ store, told }, sn) => !((told[sn] as number) & TOLD.pending) || store[sn] !== undefined,
      ),
      'one request confirms one order': ({ store }) => {
        const confirmed = setting.orders.filter((_, sn) => store[sn]?.status === 'PAYING')
        return new Set(confirmed.map(({ request }) => request)).size === confirmed.length
      },
    },
    whenQuiet: {
      'when quiet, stock and confirmed units make the initial stock': (world) =>
        world.inventory.stock +
          world.store.filter((row, sn) => row?.status === 'PAYING' || parties.isLeftToOperator(world, sn)).length ===
        setting.stock,
      'when quiet, what is CLOSED is not SOLD': everyOrder(
        ({ store, inventory }, sn) => store[sn]?.status !== 'CLOSED' || inventory.ledger[sn] !== 'SOLD',
      ),
      'when quiet, nothing is left CREATING': everyOrder(
        (world, sn) => world.store[sn]?.status !== 'CREATING' || (isSetBack && parties.isLeftToOperator(world, sn)),
      ),
      'when quiet, coupons and those of confirmed orders make the first ones': ({ store, coupons }) =>
        !setting.coupon || coupons.stock + store.filter((row) => row?.status === 'PAYING').length === setting.stock,
      'when quiet, no coupon is owed': everyOrder(({ store }, sn) => !owedBy(store[sn]).includes('coupon')),
      'when quiet, no Reback is owed': everyOrder(({ store }, sn) => store[sn]?.stockState !== 'returning'),
    },
  }
}
