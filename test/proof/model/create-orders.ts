import type { Step } from './checker.ts'
import type { Row } from './store.ts'
import type { Parties, Place, Run, World } from './world.ts'

/**
 * Returns what the express lane may do next with one order of its batch (design: "The express lane"). A step is one attempt,
 * and all of them are one workflow task. Until that task is complete, a newer execution may begin while the old one runs on,
 * from the start or from what was recorded. The old one can do all but hand over.
 */
export function createOrdersSteps(parties: Parties, world: World, run: number): Step<World>[] {
  const { runs, safeguards, operator } = parties.setting
  const lane = runs[run] as Run
  const name = parties.nameOf(lane)
  const { sn } = lane
  const place = world.at[run] as Place
  const steps: Step<World>[] = []
  const then = (what: string, state: World, byHand = false) => steps.push({ label: `${name}: ${what}`, state, byHand })

  const isOld = lane.kind === 'replaced'
  const goTo = (place: Place, after = world) => parties.goTo(after, run, isOld && place === 'handOver' ? 'idle' : place)
  const end: Place = isOld ? 'idle' : 'done'
  const confirmed = (after = world) => parties.tell(after, run, 'created', end)
  const refused = (after = world) => parties.tell(after, run, 'refused', end)

  // A row with the run's own name may be the intake's, or the old execution's: that nobody has sold is not known.
  // One that was answered before the store was set back has another's: no run of that time is open any more.
  const goesOnWithMet = (place === 'openAgain' || !safeguards.has('laneHandsOverMet')) && !parties.isLeftToOperator(world, sn)

  /** Gives back what is owed, in any order. */
  const undo = (row: Row | undefined, after: World, what: string) => {
    const owed = safeguards.has('laneRebacks') ? parties.owedBy(row) : []
    if (owed.length === 0) then(`${what}, answers the refusal`, refused(after))
    for (const one of owed) {
      if (one === 'stock') then(what, goTo('reback', after))
      else then(`${what}, the coupon is owed`, goTo('giveBack', after))
    }
  }

  switch (place) {
    case 'idle':
      if (!isOld) then('starts', goTo('open'))
      return steps
    case 'open':
    case 'openAgain': {
      const { world: after, row, inserted } = parties.deliver(world, sn, 'open')
      if (row?.status === 'PAYING') then('openOrders finds the order, answers it', confirmed(after))
      else if (row?.status === 'CREATING' && inserted) then('openOrders inserts the row', goTo('check', after))
      else if (row?.status === 'CREATING') then('openOrders meets the row', goTo(goesOnWithMet ? 'check' : 'handOver', after))
      else if (parties.owedBy(row).length > 0 && safeguards.has('laneHandsOverOwed'))
        then('openOrders finds it closed, a Reback is owed', goTo('handOver', after))
      else if (row) then('openOrders finds it closed, answers the refusal', refused(after))
      break
    }
    case 'check':
      then('user and goods are fine', goTo(parties.setting.coupon ? 'use' : 'sell'))
      then('is refused before Sell', goTo(safeguards.has('voidAlwaysOwes') ? 'void' : 'voidUnowed'))
      break
    case 'use': {
      const { world: after, refused: no } = parties.deliver(world, sn, 'use')
      then(no ? 'Use is refused' : 'Use is done', goTo(no ? 'void' : 'sell', after))
      if (world.coupons.ledger[sn] === undefined) then('Use is refused: there is no such coupon', goTo('void'))
      break
    }
    case 'sell': {
      const { world: after, refused: no } = parties.deliver(world, sn, 'sell')
      then(no ? 'Sell is refused' : 'Sell is done', goTo(no ? 'void' : 'confirm', after))
      if (world.inventory.ledger[sn] === undefined) then('Sell is refused: others hold the stock', goTo('void'))
      break
    }
    case 'confirm': {
      const { world: after, row } = parties.deliver(world, sn, 'confirm')
      if (row?.status === 'PAYING') then('confirmOrders is done, answers the order', confirmed(after))
      else then('confirmOrders finds it closed', goTo('handOver', after))
      break
    }
    case 'void':
    case 'voidUnowed': {
      const { world: after, row } = parties.deliver(world, sn, place)
      if (row?.status === 'PAYING') then('voidOrders finds it confirmed, answers the order', confirmed(after))
      else if (row) undo(row, after, 'voidOrders finds or leaves it closed')
      break
    }
    case 'reback':
      then('Reback is done', goTo('markReturned', parties.deliver(world, sn, 'reback').world))
      break
    case 'markReturned': {
      const { world: after, row } = parties.deliver(world, sn, 'markReturned')
      undo(row, after, 'the Reback is recorded')
      break
    }
    case 'giveBack':
      then('Return is done', goTo('markGivenBack', parties.deliver(world, sn, 'giveBack').world))
      break
    case 'markGivenBack': {
      const { world: after, row } = parties.deliver(world, sn, 'markGivenBack')
      undo(row, after, 'the Return is recorded')
      break
    }
  }

  if (lane.kind === 'replaced') {
    then('dies', goTo('idle'))
    return steps
  }
  if (lane.kind !== 'createOrders') return steps

  if (place === 'open' || place === 'check') then('has no answer, and tries once more', goTo('openAgain'))
  if (place === 'done') then('completes', goTo('idle'))
  else if (place !== 'handOver') then(`is in doubt about ${place}`, goTo('handOver'))
  else if (world.at[lane.child] === 'idle')
    then('hands over, which starts createOrder', parties.goTo(goTo('idle'), lane.child, 'open'))
  else then('hands over to the createOrder that runs', goTo('idle'))

  if (lane.old === undefined) return steps
  const left = place === 'done' || place === 'handOver' ? world : parties.goTo(world, lane.old, place)
  then('is taken for dead and executed again', parties.goTo(left, run, 'open'))
  // A long workflow task records what it has (its heartbeat). That the old one got further since is the old one's next step.
  then('is taken for dead and executed again from its record', left)
  if (operator.includes('terminates')) then('is terminated', { ...parties.goTo(left, run, 'idle'), terminated: true }, true)
  return steps
}
