import type { Step } from './checker.ts'
import type { Row } from './store.ts'
import type { Parties, Place, World } from './world.ts'

/** Places from which an operator's reset takes a run back to before Sell. */
const PAST_SELL: readonly Place[] = ['use', 'sell', 'confirm']

/**
 * Returns what one createOrder may do next (workflows/create-order.ts, compensations.ts). It waits for its activities, which
 * are retried for ever.
 */
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
  const settle = (after = world) => goTo(safeguards.has('voidBeforeReback') ? 'void' : 'rebackFirst', after)
  /** Settles a run that sent no Sell. Another run may have sent one, so that makes no difference. */
  const settleUnsold = (after = world) => {
    if (!safeguards.has('voidAlwaysOwes')) return goTo('voidUnowed', after)
    return safeguards.has('rebackAsTheRowSays') ? settle(after) : goTo('voidOnly', after)
  }
  const judged = (row: Row | undefined, after: World) => {
    if (!row) return // the statement goes round for ever
    if (row.status === 'PAYING') then('voidOrder finds it confirmed, answers the order', confirmed(after))
    else if (place === 'voidOnly')
      then('voidOrder finds or leaves it closed; gives nothing back, answers the refusal', refused(after))
    else undo(row, after, 'voidOrder finds or leaves it closed', ', nothing is owed; answers the refusal')
  }
  /** Gives back what is owed, in any order. */
  const undo = (row: Row | undefined, after: World, what: string, orElse = ', answers the refusal') => {
    const owed = parties.owedBy(row)
    if (owed.length === 0) then(`${what}${orElse}`, refused(after))
    for (const one of owed) {
      if (one === 'stock') then(`${what}, a Reback is owed`, goTo('reback', after))
      else then(`${what}, the coupon is owed`, goTo('giveBack', after))
    }
  }

  switch (place) {
    case 'idle':
      then('starts', goTo('open'))
      return steps
    case 'open': {
      const { world: after, row, inserted } = parties.deliver(world, sn, 'open')
      if (row?.status === 'PAYING') then('openOrder finds the order, answers it', confirmed(after))
      else if (row?.status === 'CREATING') then(`openOrder ${inserted ? 'inserts' : 'meets'} the row`, goTo('check', after))
      else if (row) then('openOrder finds it closed', settleUnsold(after))
      if (safeguards.has('settleBeforeOpen')) then('is cancelled, or out of time, in openOrder', settleUnsold())
      else then('is cancelled, or out of time, in openOrder; answers that', refused())
      break
    }
    case 'check':
      then('user and goods are fine', goTo(parties.setting.coupon ? 'use' : 'sell'))
      then('is refused, cancelled or out of time before Sell', settleUnsold())
      break
    case 'use': {
      const { world: after, refused: no } = parties.deliver(world, sn, 'use')
      if (no) then('Use is refused', settle(after))
      else then('Use is done', goTo('sell', after))
      if (world.coupons.ledger[sn] === undefined) then('Use is refused: there is no such coupon', settle())
      then('is cancelled, or out of time, in Use', settle())
      break
    }
    case 'sell': {
      const { world: after, refused: no } = parties.deliver(world, sn, 'sell')
      if (no) then('Sell is refused', settle(after))
      else then('Sell is done', goTo('confirm', after))
      if (world.inventory.ledger[sn] === undefined) then('Sell is refused: others hold the stock', settle())
      then('is cancelled, or out of time, in Sell', settle())
      break
    }
    case 'confirm': {
      const { world: after, row } = parties.deliver(world, sn, 'confirm')
      if (row?.status === 'PAYING') then('confirmOrder is done, answers the order', confirmed(after))
      else then('confirmOrder finds it closed', settle(after))
      then('is cancelled, or out of time, in confirmOrder', settle())
      break
    }
    case 'void':
    case 'voidOnly':
    case 'voidUnowed': {
      if (parties.leavesAnswered(world, sn)) {
        then('voidOrder leaves it to an operator, and the run fails', goTo('idle'))
        break
      }
      const { world: after, row } = parties.deliver(world, sn, place === 'voidOnly' ? 'void' : place)
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
      const { world: after, row } = parties.deliver(world, sn, 'void')
      if (row?.status === 'PAYING') then('voidOrder finds it confirmed, answers the order', confirmed(after))
      else if (row) then('voidOrder finds or leaves it closed', goTo('markReturned', after))
      break
    }
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

  if (operator.includes('terminates')) then('is terminated', { ...goTo('idle'), terminated: true }, true)
  if (operator.includes('resets') && PAST_SELL.includes(place)) then('is reset to before Sell', goTo('check'), true)
  return steps
}
