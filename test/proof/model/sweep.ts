import type { Step } from './checker.ts'
import { isUnsettled } from './store.ts'
import type { Parties, Run, World } from './world.ts'

/**
 * What the sweep may do next with one order (workflows/sweep-orders.ts, settle-order.ts). It could do so at any time, and is
 * let loose on live runs too; but only after an operator ended one, so that a run that leaves its own mess behind is seen. It stands
 * for a settleOrder that somebody starts by hand, too, which does not look before.
 */
export function sweepSteps(parties: Parties, world: World, run: number): Step<World>[] {
  const { sn } = parties.setting.runs[run] as Run
  const name = parties.nameOf(parties.setting.runs[run] as Run)
  const then = (what: string, state: World): Step<World>[] => [{ label: `${name}: ${what}`, state }]
  switch (world.at[run]) {
    case 'idle':
      return world.terminated && isUnsettled(world.store[sn]) ? then('starts', parties.goTo(world, run, 'voidBySweep')) : []
    case 'voidBySweep': {
      if (parties.leavesAnswered(world, sn)) return then('voidOrder leaves it to an operator', parties.goTo(world, run, 'idle'))
      const { world: after, row } = parties.deliver(world, sn, 'voidBySweep')
      if (row?.stockState === 'returning')
        return then('voidOrder finds or leaves it closed, a Reback is owed', parties.goTo(after, run, 'reback'))
      return then('voidOrder finds nothing to do', parties.goTo(after, run, 'idle'))
    }
    case 'reback':
      return then('Reback is done', parties.goTo(parties.deliver(world, sn, 'reback').world, run, 'markReturned'))
    case 'markReturned':
      return then('the Reback is recorded', parties.goTo(parties.deliver(world, sn, 'markReturned').world, run, 'idle'))
    default:
      return []
  }
}
