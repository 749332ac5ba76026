import type { Step } from '../checker.ts'
import { acceptedOf, type LifeRow, type Outcome, type Reason, type Report, type Tables } from './rules.ts'
import { type LifeParties, type LifeWorld, OUTCOMES, SENT } from './world.ts'

type Steps = Step<LifeWorld>[]

/** Steps of the clock, the payment service, an operator, and of what is still on its way. */
export function partySteps(parties: LifeParties, world: LifeWorld): Steps {
  const { rules, setting } = parties
  const orders = world.tables.rows.map((_, order) => order)
  const arrives = (label: string, tables: Tables): Steps =>
    tables === world.tables ? [] : parties.after(world, tables).map((state) => ({ label, state }))
  return [
    ...orders.flatMap((order): Steps => {
      const of = parties.of(order)
      const sold = parties.sell(world, order)
      const rebacked = (world.sent[order] as number) & SENT.reback ? parties.reback(world, order) : world
      return [
        ...(world.due[order] ? [] : [{ label: `order${of} is due`, state: { ...world, due: world.due.with(order, true) } }]),
        // The creation of the order goes on: in a run that was taken for dead, or by the sweep that looks after it.
        ...(sold === world ? [] : [{ label: `unheard, sell${of} arrives`, state: sold }]),
        ...arrives(`unheard, confirm${of} arrives`, rules.confirm(world.tables, order)),
        ...arrives(`unheard, void${of} arrives`, rules.void(world.tables, order)),
        ...(rebacked === world ? [] : [{ label: `unheard, reback${of} arrives`, state: rebacked }]),
        ...((world.sent[order] as number) & SENT.markReturned
          ? arrives(`unheard, markReturned${of} arrives`, rules.markReturned(world.tables, order))
          : []),
        ...(setting.stranger &&
        !((world.sent[order] as number) & SENT.reback) &&
        (parties.owes(world, order) || !setting.safeguards.has('rebackAsTheRowOwes'))
          ? [{ label: `a stranger sends reback${of}, and does not wait`, state: send(world, order, 'reback') }]
          : []),
      ]
    }),
    ...setting.reports.flatMap((report, i) => paySteps(parties, world, report, i)),
    ...world.tables.payments.flatMap((_, payment) =>
      arrives(`an operator says that payment ${payment + 1} was given back`, rules.markRefunded(world.tables, payment)).map(
        (step) => ({ ...step, byHand: true }),
      ),
    ),
  ]
}

/** A report arrives, and is answered, or not. */
function paySteps(parties: LifeParties, world: LifeWorld, report: Report, at: number): Steps {
  const { rules, setting } = parties
  const name = `payment ${report.payment + 1}${report.isRight ? '' : ' of another amount'}${parties.of(report.order)}`
  const outcome = rules.judge(world.tables, report)
  const record = (before: LifeWorld, judged: Outcome | 'unjudged' | undefined): LifeWorld[] =>
    parties.after(before, rules.record(before.tables, report, judged))
  const heard = (label: string, states: LifeWorld[]): Steps =>
    states.flatMap((state) => {
      const answered = answer(state, report, at, outcome)
      return [
        ...(state === world ? [] : [{ label: `${label}, and is not answered`, state }]),
        ...(answered === state ? [] : [{ label: `${label}, and is answered`, state: answered }]),
      ]
    })
  if (!setting.safeguards.has('judgedUnderLock')) {
    const looked = world.looked[at]
    if (!looked)
      return outcome
        ? [{ label: `${name} is judged ${outcome}`, state: { ...world, looked: world.looked.with(at, outcome) } }]
        : []
    return heard(`${name} is recorded`, record({ ...world, looked: world.looked.with(at, undefined) }, looked))
  }
  if (!setting.safeguards.has('judgedWhenRecorded') && outcome) {
    const unjudged = record(world, 'unjudged').map((state) => ({
      label: `${name} is recorded, and whoever would judge it dies`,
      state,
    }))
    return [...unjudged, ...heard(`${name} arrives`, record(world, outcome))]
  }
  return heard(`${name} arrives`, record(world, outcome))
}

/** The answer is what the payment's row says, whoever wrote it; nothing while the order is not settled. */
function answer(world: LifeWorld, report: Report, at: number, judged: Outcome | undefined): LifeWorld {
  const recorded = (world.tables.payments[report.payment] ?? []).at(-1)
  if (!recorded && !judged) return world
  const isSame = recorded?.order === report.order && recorded.isRight === report.isRight
  const said = recorded ? (isSame ? recorded.outcome : 'other') : 'refused'
  if (said === 'unjudged') return world
  const bits = (world.answered[at] as number) | (1 << OUTCOMES.indexOf(said))
  return bits === world.answered[at] ? world : { ...world, answered: world.answered.with(at, bits) }
}

/** Steps of a run, which may end at every point. */
export function runSteps(parties: LifeParties, world: LifeWorld, run: number): Steps {
  const { setting } = parties
  const is = setting.runs[run] as (typeof setting.runs)[number]
  const name = parties.nameOf(is)
  const goTo = (after: LifeWorld, place: string): LifeWorld => ({ ...after, at: after.at.with(run, place) })
  const place = world.at[run] as string
  const ends = place === '' ? [] : [{ label: `${name} ends unheard`, state: goTo(world, '') }]
  const steps = is.kind === 'pass' || is.kind === 'giveBack' ? undoing() : moving(is.kind, is.order)
  return [...ends, ...steps]

  /** Moves of one order (store/life/move-orders.ts, delete-order.ts): a statement, then a look at the row. */
  function moving(kind: 'cancel' | 'delete' | 'finish', order: number): Steps {
    const { rules } = parties
    const update = (what: string, tables: Tables, done: string): Steps =>
      parties.after(world, tables).map((after) => ({
        label: `${name}: ${tables === world.tables ? `${what} changes nothing` : what}`,
        state: goTo(after, tables === world.tables ? `${done}?` : `${done}!`),
      }))
    const row = world.tables.rows[order] as LifeRow
    const answers = (what: string, ...heard: Parameters<LifeParties['tell']>[2][]): Steps => [
      { label: `${name} is answered: ${what}`, state: goTo(parties.tell(world, order, ...heard), '') },
    ]
    const isPaid = row.status === 'TRADE_SUCCESS' || row.status === 'TRADE_FINISHED'
    const closedFor = (reason: Reason) => rules.close(world.tables, order, reason)
    switch (`${kind} ${place}`) {
      case 'cancel ':
        return update('close', closedFor('cancelled'), 'close')
      case 'cancel close!':
        return answers('closed', 'closed')
      case 'cancel close?':
        if (row.status === 'TRADE_CLOSED')
          return row.reason === 'refused' ? answers('there was none') : answers('closed', 'closed')
        if (row.status === 'PAYING') return again('')
        return isPaid ? answers('paid', 'paid') : answers('later')
      case 'finish ':
        return update('finish', rules.finish(world.tables, order), 'finish')
      case 'finish finish!':
        return answers('finished', 'finished')
      case 'finish finish?':
        if (row.status === 'TRADE_FINISHED') return answers('finished', 'finished')
        return row.status === 'TRADE_SUCCESS' ? again('') : answers('not paid')
      case 'delete ':
      case 'delete hide':
        return update('hide', rules.hide(world.tables, order), 'hide')
      case 'delete hide!':
        return answers('hidden', 'hidden')
      case 'delete hide?':
        if (row.hidden) return answers('hidden', 'hidden')
        if (row.status === 'PAYING') return [{ label: `${name}: it is unpaid`, state: goTo(world, 'close') }]
        if (row.status === 'TRADE_CLOSED') return again('hide')
        return isPaid ? answers('paid', 'paid') : answers('later')
      case 'delete close':
        return update('close', closedFor('deleted'), 'close')
      case 'delete close!':
        return [{ label: `${name}: it is closed`, state: goTo(world, 'hide') }]
      case 'delete close?':
        if (row.status === 'TRADE_CLOSED') return [{ label: `${name}: it is closed`, state: goTo(world, 'hide') }]
        return isPaid ? answers('paid', 'paid') : answers('later')
      default:
        return []
    }

    /** The row that was read allows what the statement before it did not. */
    function again(from: string): Steps {
      return setting.safeguards.has('looksAgain')
        ? [{ label: `${name} goes round`, state: goTo(world, from) }]
        : answers(`refused, since it is ${row.status}`, 'absurd')
    }
  }

  /** Closing what is due, and giving back. */
  function undoing(): Steps {
    const { rules } = parties
    if (place === '') return starts()
    return [...place].flatMap((digit, order): Steps => {
      const of = parties.of(order)
      const then = (after: LifeWorld, to: string) => {
        const places = [...place].with(order, to).join('')
        return goTo(after, /[1-9]/.test(places) ? places : '')
      }
      if (digit === '1') {
        const isClosed = setting.safeguards.has('closeBeforeReback')
        if (isClosed && !parties.owes(world, order)) return [{ label: `${name}: nothing is owed${of}`, state: then(world, '0') }]
        const sent = send(world, order, setting.safeguards.has('markAfterReback') ? 'reback' : 'markReturned')
        if (!setting.safeguards.has('markAfterReback')) {
          const marked = { ...sent, tables: rules.markReturned(sent.tables, order) }
          return [{ label: `${name}: the Reback${of} is recorded`, state: then(marked, '2') }]
        }
        return [
          ...(sent === world ? [] : [{ label: `${name}: sends reback${of}, and hears nothing`, state: sent }]),
          { label: `${name}: Reback${of} is done`, state: then(parties.reback(sent, order), isClosed ? '2' : '3') },
        ]
      }
      if (digit === '2') {
        if (!setting.safeguards.has('markAfterReback'))
          return [
            { label: `${name}: Reback${of} is done`, state: then(parties.reback(send(world, order, 'reback'), order), '0') },
          ]
        const sent = send(world, order, 'markReturned')
        const marked = { ...sent, tables: rules.markReturned(sent.tables, order) }
        return [
          ...(sent === world ? [] : [{ label: `${name}: sends markReturned${of}, and hears nothing`, state: sent }]),
          { label: `${name}: the Reback${of} is recorded`, state: then(marked, '0') },
        ]
      }
      if (digit === '3')
        return [
          {
            label: `${name}: order${of} is closed`,
            state: then({ ...world, tables: rules.close(world.tables, order, 'expired') }, '2'),
          },
        ]
      return []
    })
  }

  function starts(): Steps {
    const { rules } = parties
    const rows = world.tables.rows
    const places = (orders: readonly number[]) => rows.map((_, order) => (orders.includes(order) ? '1' : '0')).join('')
    if (is.kind === 'giveBack')
      return parties.owes(world, is.order) ? [{ label: `${name} starts`, state: goTo(world, places([is.order])) }] : []
    const due = rows.flatMap(({ status }, order) =>
      status === 'PAYING' && (world.due[order] || !setting.safeguards.has('dueOnly')) ? [order] : [],
    )
    const owing = rows.flatMap((_, order) => (parties.owes(world, order) ? [order] : []))
    if (!setting.safeguards.has('closeBeforeReback') && due.length > 0)
      return [{ label: `${name}: finds what is due`, state: goTo(world, places(due)) }]
    const taken = setting.safeguards.has('skipLocked') ? subsets(due) : due.length > 0 ? [due] : []
    return [
      ...taken.flatMap((orders) => {
        let worlds = [world]
        for (const order of orders)
          worlds = worlds.flatMap((one) => parties.after(one, rules.close(one.tables, order, 'expired')))
        return worlds.map((after) => ({
          label: `${name}: closes order ${orders.map((order) => order + 1).join(' and ')}`,
          state: goTo(after, places(orders)),
        }))
      }),
      ...(owing.length > 0 && setting.safeguards.has('findsReturning')
        ? [{ label: `${name}: finds what is owed`, state: goTo(world, places(owing)) }]
        : []),
    ]
  }
}

/** Reports whether an order has its money: one accepted payment of the right amount. */
export function hasItsMoney(tables: Tables, order: number): boolean {
  const accepted = acceptedOf(tables, order)
  return accepted.length === 1 && accepted.every(({ isRight }) => isRight)
}

function send(world: LifeWorld, order: number, message: keyof typeof SENT): LifeWorld {
  const bits = (world.sent[order] as number) | SENT[message]
  return bits === world.sent[order] ? world : { ...world, sent: world.sent.with(order, bits) }
}

/** All but the empty one. */
function subsets(orders: readonly number[]): number[][] {
  const [first, ...others] = orders
  if (first === undefined) return []
  const without = subsets(others)
  return [...without, ...without.map((one) => [first, ...one]), [first]]
}
