import type { Step } from './checker.ts'
import type { Row } from './store.ts'
import type { Parties, Place, World } from './world.ts'

/** Where an operator's reset takes a run back to before Sell. */
const PAST_SELL: readonly Place[] = ['sell', 'sellClean', 'confirm']

/** What one createOrder may do next (workflows/create-order.ts, compensations.ts). Its activities are retried for ever: it waits. */
export function createOrderSteps(parties: Parties, world: World, run: number): Step<World>[] {
  const { runs, safeguards, operator } = parties.setting
  const { sn } = runs[run] as (typeof runs)[number]
  const name = parties.nameOf(runs[run] as (typeof runs)[number])
  const place = world.at[run] as Place
  const steps: Step<World>[] = []
  const then = (what: string, state: World, byHand = false) => steps.push({ label: `${name}: ${what}`, state, byHand })

  const goTo = (place: Place, after = world) => parties.goTo(after, run, place)
  const confirmed = (after = world) => parties.tell(after, run, 'created', 'idle')
  const refused = (after = world) => parties.tell(after, run, 'refused', 'idle')
  const settle = (mayHaveSold: boolean, after = world) => {
    if (!safeguards.has('voidBeforeReback') && mayHaveSold) return goTo('rebackFirst', after)
    return goTo(mayHaveSold ? 'voidOwing' : 'void', after)
  }
  /** Of a run that does not know whether it inserted the row: another may have, and sold. */
  const settleUnsure = (after = world) => settle(safeguards.has('ownsWhatItInserted'), after)
  const judged = (row: Row | undefined, after: World) => {
    if (!row) return // the statement goes round for ever
    if (row.status === 'PAYING') then('voidOrder finds it confirmed, answers the order', confirmed(after))
    else if (row.stockState === 'returning') then('voidOrder finds or leaves it closed, a Reback is owed', goTo('reback', after))
    else then('voidOrder finds or leaves it closed, nothing is owed; answers the refusal', refused(after))
  }

  switch (place) {
    case 'idle':
      then('starts', goTo('open'))
      return steps
    case 'open': {
      const { world: after, row, inserted } = parties.deliver(world, sn, 'open')
      if (row?.status === 'PAYING') then('openOrder finds the order, answers it', confirmed(after))
      else if (row?.status === 'CREATING' && inserted) then('openOrder inserts the row', goTo('check', after))
      else if (row?.status === 'CREATING')
        then('openOrder meets the row', goTo(safeguards.has('ownsWhatItInserted') ? 'checkOwing' : 'check', after))
      else if (row) then('openOrder finds it closed', settleUnsure(after))
      if (safeguards.has('settleBeforeOpen')) then('is cancelled, or out of time, in openOrder', settleUnsure())
      else then('is cancelled, or out of time, in openOrder; answers that', refused())
      break
    }
    case 'check':
    case 'checkOwing': {
      const owing = place === 'checkOwing'
      then('user and goods are fine', goTo(owing || safeguards.has('undoBeforeSell') ? 'sell' : 'sellClean'))
      then('is refused, cancelled or out of time before Sell', settle(owing))
      break
    }
    case 'sell':
    case 'sellClean': {
      const { world: after, refused: no } = parties.deliver(world, sn, 'sell')
      const mayHaveSold = place === 'sell'
      if (no) then('Sell is refused', settle(mayHaveSold, after))
      else then('Sell is done', goTo('confirm', after))
      if (world.inventory.ledger[sn] === undefined) then('Sell is refused: others hold the stock', settle(mayHaveSold))
      then('is cancelled, or out of time, in Sell', settle(mayHaveSold))
      break
    }
    case 'confirm': {
      const { world: after, row } = parties.deliver(world, sn, 'confirm')
      if (row?.status === 'PAYING') then('confirmOrder is done, answers the order', confirmed(after))
      else then('confirmOrder finds it closed', settle(true, after))
      then('is cancelled, or out of time, in confirmOrder', settle(true))
      break
    }
    case 'void':
    case 'voidOwing': {
      const { world: after, row } = parties.deliver(world, sn, place)
      judged(row, after)
      break
    }
    case 'reback':
      then('Reback is done', goTo('markReturned', parties.deliver(world, sn, 'reback').world))
      break
    case 'rebackFirst':
      then('Reback is done, before voidOrder', goTo('voidLast', parties.deliver(world, sn, 'reback').world))
      break
    case 'voidLast': {
      const { world: after, row } = parties.deliver(world, sn, 'voidOwing')
      if (row?.status === 'PAYING') then('voidOrder finds it confirmed, answers the order', confirmed(after))
      else if (row) then('voidOrder finds or leaves it closed', goTo('markReturned', after))
      break
    }
    case 'markReturned':
      then('the Reback is recorded, answers the refusal', refused(parties.deliver(world, sn, 'markReturned').world))
      break
  }

  if (operator.includes('terminates')) then('is terminated', { ...goTo('idle'), terminated: true }, true)
  if (operator.includes('resets') && PAST_SELL.includes(place)) {
    then('is reset to before Sell', goTo(safeguards.has('resetMayHaveSold') ? 'checkOwing' : 'check'), true)
  }
  return steps
}
