import type { Step } from './checker.ts'
import type { Row } from './store.ts'
import type { Parties, Run, World } from './world.ts'

/**
 * Returns what the sweep may do next with one order (workflows/sweep-orders.ts, settle-order.ts). It could act at any time, and
 * is let loose on live runs too, but only after an operator ended one: otherwise it would hide a run that leaves its own mess
 * behind. It stands for a settleOrder that somebody starts by hand, too, which does not look before.
 */
export function sweepSteps(parties: Parties, world: World, run: number): Step<World>[] {
  const { sn } = parties.setting.runs[run] as Run
  const name = parties.nameOf(parties.setting.runs[run] as Run)
  const then = (what: string, state: World): Step<World>[] => [{ label: `${name}: ${what}`, state }]
  switch (world.at[run]) {
    case 'idle':
      return world.terminated && parties.isUnsettled(world.store[sn])
        ? then('starts', parties.goTo(world, run, 'voidBySweep'))
        : []
    case 'voidBySweep': {
      if (parties.leavesAnswered(world, sn)) return then('voidOrder leaves it to an operator', parties.goTo(world, run, 'idle'))
      const { world: after, row } = parties.deliver(world, sn, 'voidBySweep')
      return undo(row, after, 'voidOrder finds or leaves it closed', 'voidOrder finds nothing to do')
    }
    case 'reback':
      return then('Reback is done', parties.goTo(parties.deliver(world, sn, 'reback').world, run, 'markReturned'))
    case 'markReturned': {
      const { world: after, row } = parties.deliver(world, sn, 'markReturned')
      return undo(row, after, 'the Reback is recorded', 'the Reback is recorded')
    }
    case 'giveBack':
      return then('Return is done', parties.goTo(parties.deliver(world, sn, 'giveBack').world, run, 'markGivenBack'))
    case 'markGivenBack': {
      const { world: after, row } = parties.deliver(world, sn, 'markGivenBack')
      return undo(row, after, 'the Return is recorded', 'the Return is recorded')
    }
    default:
      return []
  }

  /** Gives back what is owed, in any order. */
  function undo(row: Row | undefined, after: World, what: string, orElse: string): Step<World>[] {
    const owed = parties.owedBy(row)
    if (owed.length === 0) return then(orElse, parties.goTo(after, run, 'idle'))
    return owed.flatMap((one) =>
      one === 'stock'
        ? then(`${what}, a Reback is owed`, parties.goTo(after, run, 'reback'))
        : then(`${what}, the coupon is owed`, parties.goTo(after, run, 'giveBack')),
    )
  }
}
