import type { Step } from './checker.ts'
import { asksFor } from './store.ts'
import type { Parties, Run, World } from './world.ts'

const JUDGED = { sell: 'sellAsTheRowSays', reback: 'rebackAsTheRowOwes' } as const

/**
 * Returns what somebody may do who runs the activities without any workflow of ours: any client of the namespace can. The row
 * is judged when an effect is sent; the effect arrives at any later time, or never.
 */
export function strangerSteps(parties: Parties, world: World, run: number): Step<World>[] {
  const { runs, safeguards } = parties.setting
  const { sn } = runs[run] as Run
  const name = parties.nameOf(runs[run] as Run)
  return (['sell', 'reback'] as const).flatMap((effect) => {
    if (safeguards.has(JUDGED[effect]) && !asksFor(effect, world.store[sn])) return []
    return [
      {
        label: `${name}: sends a ${effect}, and does not wait`,
        state: parties.goTo(parties.goTo(world, run, effect), run, 'idle'),
      },
    ]
  })
}
