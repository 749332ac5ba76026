import type { Step } from './checker.ts'
import type { Parties, Run, World } from './world.ts'

/**
 * Returns what the intake may do next about an order whose caller has waited long enough (api/order-intake.ts): it records the
 * order, and answers by the row. Its run may have been started or not, be at any point or over. What it asked may arrive when
 * nobody waits for the answer any more, so the order is the sweep's from then on.
 */
export function intakeSteps(parties: Parties, world: World, run: number): Step<World>[] {
  const { runs, safeguards } = parties.setting
  const intake = runs[run] as Run
  const name = parties.nameOf(intake)
  const steps: Step<World>[] = []
  const then = (what: string, state: World) => steps.push({ label: `${name}: ${what}`, state })
  const underWay = (after = world): World => parties.tell(after, run, 'pending', 'idle')

  if (world.at[run] === 'idle') {
    if (safeguards.has('recordedBeforeTold')) then('asks the store', { ...parties.goTo(world, run, 'open'), terminated: true })
    else then('answers that the order is under way', underWay())
    return steps
  }
  const { world: after, row, inserted } = parties.deliver(world, intake.sn, 'open')
  if (row?.status === 'PAYING') then('finds the order, answers it', parties.tell(after, run, 'created', 'idle'))
  else if (row?.status === 'CREATING' || parties.owedBy(row).length > 0)
    then(`${inserted ? 'inserts' : 'finds'} the row, answers that the order is under way`, underWay(after))
  else if (row) then('finds it closed, answers the refusal', parties.tell(after, run, 'refused', 'idle'))
  then('can not ask the store, and answers nothing', parties.goTo(world, run, 'idle'))
  return steps
}
