import type { Model, Step } from '../checker.ts'
import type { LifeSafeguards } from './safeguards.ts'

/** Drivers of the order. `sweep` voids only; `old lane` is an execution of the batch that a newer one replaced, or its head start. */
const DRIVERS = ['lane', 'old lane', 'createOrder', 'sweep'] as const
type DriverName = (typeof DRIVERS)[number]

/**
 * Place of a driver: `mark`: is about to mark its Sell; `markAgain`: has no reply to that; `send`: has marked it; `calls`: waits for the answer; `record…`: has one that proves something;
 * `doubt`: voids an order of whose Sell it knows that nobody will be answered; `void`: voids it for any other reason.
 */
type Place =
  | 'idle'
  | 'open'
  | 'openAgain'
  | 'ready'
  | 'mark'
  | 'markAgain'
  | 'send'
  | 'calls'
  | 'recordApplied'
  | 'recordNot'
  | 'confirm'
  | 'void'
  | 'doubt'
  | 'handOver'

interface Driver {
  at: Place
  /** The mark that it set, by number; 0: none. */
  mark: number
  /** The token of its marks, which no other has; 0: it has marked nothing. */
  token: number
  /** True if its statement that records the answer may have been heard already. */
  isRepeat: boolean
  /** True if it is taken for dead for so long that nobody waits for it any more, and goes on. */
  isLost: boolean
}

type Status = 'absent' | 'CREATING' | 'PAYING' | 'CLOSED' | 'IN_DOUBT'
type Stock = 'none' | 'selling' | 'sold' | 'returning' | 'returned' | 'in_doubt'

/** One order that is created at an inventory without keys. */
export interface UnkeyedSale {
  status: Status
  stock: Stock
  /** Number of the mark on the row; 0: none. */
  mark: number
  /** Token of whoever set the mark on the row; 0: there is none. */
  by: number
  /** Token of a statement that marks, and whose sender has given it up, but which may arrive yet; 0: there is none. */
  lateMark: number
  /** Number of the last mark that was set. */
  marks: number
  /** Number of Sells that were applied. */
  sold: number
  /** Number of pieces that were given back. */
  returned: number
  /** Number of Sells that may arrive yet, and that nobody waits for. */
  astray: number
  told: { created: boolean; refused: boolean }
  drivers: readonly Driver[]
  /** True if a call was given up without an answer, or a driver ended between its mark and its record. */
  wasCutOff: boolean
}

/** Marks beyond these would show no other harm. */
const MOST_MARKS = 2
const HOLDING: readonly Place[] = ['send', 'calls', 'recordApplied', 'recordNot']
const MARKING: readonly Place[] = ['mark', 'markAgain']

/**
 * Creating an order at an inventory without keys, through the lane, its head start, and the run to which it is handed over
 * (activities/unkeyed-lane.ts, activities/unkeyed-inventory.ts, store/unkeyed-stock.ts, store/void-orders.ts): a Sell arrives once, later, or never; its answer
 * proves that it was applied, that it was not, or nothing. That stock which is owed goes back once has a model of its own (unkeyed.ts).
 */
export function unkeyedSale(safeguards: LifeSafeguards): Model<UnkeyedSale> {
  const idle: Driver = { at: 'idle', mark: 0, token: 0, isRepeat: false, isLost: false }

  /** True if the row has the mark of this driver, which has sent nothing for it yet. */
  const hasOwnMark = ({ mark, by }: UnkeyedSale, { at, token }: Driver) => mark !== 0 && MARKING.includes(at) && token === by
  /** True if whoever set the mark may still be answered, and say so. */
  const isHeld = (world: UnkeyedSale) =>
    world.drivers.some(
      (driver) => !driver.isLost && ((HOLDING.includes(driver.at) && driver.mark === world.mark) || hasOwnMark(world, driver)),
    )
  const mayDoubt = (world: UnkeyedSale) => !isHeld(world) || !safeguards.has('sellDoubtsTheCutOff')

  function driverSteps(world: UnkeyedSale, i: number): Step<UnkeyedSale>[] {
    const name = DRIVERS[i] as DriverName
    const driver = world.drivers[i] as Driver
    const { at } = driver
    const goTo = (at: Place, after = world, more: Partial<Driver> = {}): UnkeyedSale => {
      const keepsToken = MARKING.includes(at) || HOLDING.includes(at)
      const token = keepsToken ? driver.token || freshToken(after) : 0
      return { ...after, drivers: after.drivers.with(i, { ...driver, isRepeat: false, token, ...more, at }) }
    }
    const ends = (after = world): UnkeyedSale => ({ ...after, drivers: after.drivers.with(i, idle) })
    const handsOver = (after = world) => (name === 'old lane' ? ends(after) : goTo('handOver', after, { mark: 0 }))
    const steps: Step<UnkeyedSale>[] = []
    const then = (what: string, state: UnkeyedSale) => steps.push({ label: `${name}: ${what}`, state })
    const tell = (answer: 'created' | 'refused', after = world) => ends({ ...after, told: { ...after.told, [answer]: true } })
    const isExpress = name === 'lane' || name === 'old lane'

    const holds = HOLDING.includes(at) || hasOwnMark(world, driver)
    if (at !== 'idle') {
      const cutOff = holds && { wasCutOff: true }
      then('ends', ends({ ...world, ...cutOff, ...(at === 'calls' && { astray: world.astray + 1 }) }))
      if (holds && !driver.isLost)
        then('is taken for dead, and goes on', {
          ...world,
          drivers: world.drivers.with(i, { ...driver, isLost: true }),
          wasCutOff: true,
        })
      if (name === 'lane' && at !== 'handOver' && world.drivers[1]?.at === 'idle')
        then('is executed again, and the old execution goes on', {
          ...world,
          drivers: world.drivers.with(1, driver).with(0, { ...idle, at: 'open' }),
        })
    }

    switch (at) {
      case 'idle':
        if (name === 'lane' && world.status === 'absent') then('starts', goTo('open'))
        if (name === 'createOrder') then('starts', goTo('open'))
        // Else it would clean up behind runs that leave a mess, and hide them.
        if (name === 'sweep' && world.status === 'CREATING' && world.drivers.every(({ at }) => at === 'idle'))
          then('starts', goTo('void'))
        break
      case 'open':
      case 'openAgain': {
        const { status, stock } = world
        if (status === 'absent') then('inserts the row', goTo('ready', { ...world, status: 'CREATING', stock: 'none' }))
        else if (status === 'CREATING') then('meets the row', isExpress && at === 'open' ? handsOver() : goTo('ready'))
        else if (status === 'PAYING') then('finds the order, answers it', tell('created'))
        else if (status === 'IN_DOUBT') then('finds it in doubt', ends())
        else if (stock === 'returning' && isExpress) then('finds it closed, a Reback is owed', handsOver())
        else then('finds it closed, answers the refusal', tell('refused'))
        break
      }
      case 'ready':
        then('user and goods are fine', goTo('mark'))
        then('is refused before Sell', goTo('void'))
        if (name === 'lane') then('has no answer, and tries once more', goTo('openAgain'))
        break
      case 'markAgain':
      case 'mark':
        markSteps(world)
        if (!isExpress && at === 'mark' && !holds) then('is cancelled, or out of time', goTo('void'))
        break
      case 'send':
        if (safeguards.has('markBeforeSell')) {
          then('sends the Sell', goTo('calls'))
          then('has too little time, and sends nothing', goTo('recordNot'))
        } else if (world.marks < MOST_MARKS && world.astray + world.sold < 3) {
          // Marked after it was sent: in between, it ends.
          then('sends the Sell, and ends', ends({ ...world, astray: world.astray + 1, wasCutOff: true }))
          then('sends the Sell, and marks it', goTo('calls', marked(world, driver.token), { mark: world.marks + 1 }))
        }
        break
      case 'calls': {
        then('is answered: applied', goTo('recordApplied', { ...world, sold: world.sold + 1 }))
        then('is answered: not applied', goTo('recordNot'))
        const cut = { ...world, wasCutOff: true }
        for (const [what, after] of [
          ['its Sell is lost', cut],
          ['its Sell is late', { ...cut, astray: world.astray + 1 }],
          ['its Sell is applied and not answered', { ...cut, sold: world.sold + 1 }],
        ] as const) {
          if (safeguards.has('unknownSellIsDoubt')) then(`${what}, and it gives up`, goTo('doubt', after))
          else then(`${what}, and it takes it for not applied`, goTo('recordNot', after))
        }
        break
      }
      case 'recordApplied':
      case 'recordNot':
        recordSteps(world, at === 'recordApplied')
        break
      case 'confirm':
        if (world.status === 'PAYING') then('finds it confirmed, answers the order', tell('created'))
        else if (world.status === 'CREATING' && world.stock === 'sold')
          then('confirms it, answers the order', tell('created', { ...world, status: 'PAYING' }))
        else then('may not confirm it', isExpress ? handsOver() : goTo('void'))
        break
      case 'void':
      case 'doubt':
        voidSteps(world)
        break
      case 'handOver': {
        const own = DRIVERS.indexOf('createOrder')
        const isIdle = world.drivers[own]?.at === 'idle'
        const after = isIdle ? { ...world, drivers: world.drivers.with(own, { ...idle, at: 'open' as const }) } : world
        then(isIdle ? 'hands over, which starts createOrder' : 'hands over to the createOrder that runs', ends(after))
        break
      }
    }
    return steps

    function markSteps(world: UnkeyedSale): void {
      const { status, stock, mark, marks } = world
      const isOwn = hasOwnMark(world, driver) || (mark !== 0 && at === 'markAgain' && !safeguards.has('markOfItsToken'))
      if (status === 'PAYING' || stock === 'sold') then('finds it sold', goTo('confirm'))
      else if (status !== 'CREATING') then('finds it closed', goTo('void'))
      else if (isOwn) then('finds its own mark, and has sent nothing', goTo('send', world, { mark }))
      else if (mark === 0) {
        if (marks === MOST_MARKS) then('fails for good', goTo('void'))
        else if (safeguards.has('markBeforeSell')) {
          then('marks its Sell', goTo('send', marked(world, driver.token), { mark: marks + 1 }))
          if (at === 'mark') unheardMarks(world)
        } else then('may send a Sell', goTo('send'))
      } else if (mayDoubt(world)) then('meets a mark that nobody will answer', goTo('doubt'))
      else if (isExpress) then('meets a mark', handsOver())
    }

    /** A statement that marks, and whose reply does not come: it took effect, it never will, or it will yet. */
    function unheardMarks(world: UnkeyedSale): void {
      const { token } = driver
      const afters: [what: string, after: UnkeyedSale][] = [
        ['marks its Sell, and does not hear of it', marked(world, token)],
        ['its mark is lost', world],
      ]
      if (world.lateMark === 0) afters.push(['its mark is late', { ...world, lateMark: token }])
      for (const [what, after] of afters) {
        if (safeguards.has('marksAgain')) then(what, goTo('markAgain', after))
        else if (isExpress) then(what, handsOver(after))
        else then(what, goTo('mark', after, { token: freshToken(after) }))
      }
    }

    function recordSteps(world: UnkeyedSale, wasApplied: boolean): void {
      const isMet =
        world.stock === 'selling' && world.mark !== 0 && (world.mark === driver.mark || !safeguards.has('sellAnswerOfItsMark'))
      const recorded: UnkeyedSale = { ...world, stock: wasApplied ? 'sold' : 'none', mark: 0, by: 0 }
      const goesOn = (after: UnkeyedSale, what: string) => {
        if (wasApplied) then(`${what} that it was applied`, goTo('confirm', after, { mark: 0, isLost: false }))
        else {
          then(`${what} that it was not applied, and tries once more`, goTo('mark', after, { mark: 0, isLost: false }))
          then(`${what} that it was not applied, and is refused`, goTo('void', after, { mark: 0, isLost: false }))
          if (isExpress) then(`${what} that it was not applied, and hands over`, handsOver(after))
        }
      }
      if (isMet) {
        goesOn(recorded, 'records')
        if (!driver.isRepeat) then('records its answer, and does not hear of it', goTo(at, recorded, { isRepeat: true }))
      } else if (driver.isRepeat && (wasApplied ? world.stock === 'sold' : world.status === 'CREATING')) {
        goesOn(world, 'finds recorded')
      } else then('keeps its answer as evidence', goTo('doubt', world, { mark: 0 }))
    }

    function voidSteps(world: UnkeyedSale): void {
      const { status, stock, mark } = world
      const closed = (stock: Stock): UnkeyedSale => ({ ...world, status: 'CLOSED', stock, mark: 0, by: 0 })
      if (status === 'PAYING') then('finds it confirmed, answers the order', tell('created'))
      else if (status === 'CLOSED') then('finds it closed, answers the refusal', tell('refused'))
      else if (status === 'IN_DOUBT') then('finds it in doubt', ends())
      else if (status === 'absent') then('leaves a closed row', tell('refused', closed('none')))
      else if (stock === 'sold') then('closes it, a Reback is owed', tell('refused', closed('returning')))
      else if (mark === 0) then('closes it', tell('refused', closed('none')))
      else if (!safeguards.has('voidDoubtsMarked')) then('closes it, although its Sell was sent', tell('refused', closed('none')))
      else if (at === 'doubt' || mayDoubt(world))
        then('puts it in doubt', ends({ ...world, status: 'IN_DOUBT', stock: 'in_doubt', mark }))
    }
  }

  function marked(world: UnkeyedSale, by: number): UnkeyedSale {
    return { ...world, stock: 'selling', mark: world.marks + 1, marks: world.marks + 1, by }
  }

  /** The least number that is nobody's token. */
  function freshToken({ drivers, by, lateMark }: UnkeyedSale): number {
    const used = new Set([by, lateMark, ...drivers.map(({ token }) => token)])
    let token = 1
    while (used.has(token)) token++
    return token
  }

  /** Calls that nobody waits for, and what is owed. */
  function others(world: UnkeyedSale): Step<UnkeyedSale>[] {
    const { astray, sold, returned, status, stock, lateMark } = world
    const isStill = astray === 0 && world.drivers.every(({ at }) => at !== 'send' && at !== 'calls')
    const steps: Step<UnkeyedSale>[] = []
    if (astray > 0)
      steps.push(
        { label: 'unheard, a Sell arrives', state: { ...world, astray: astray - 1, sold: sold + 1 } },
        { label: 'a Sell is lost', state: { ...world, astray: astray - 1 } },
      )
    if (lateMark !== 0) {
      const gone = { ...world, lateMark: 0 }
      const marks = status === 'CREATING' && stock === 'none' && world.marks < MOST_MARKS
      // Nobody waits for it unless its sender is about to mark once more.
      const isWaitedFor = world.drivers.some(({ at, token }) => MARKING.includes(at) && token === lateMark)
      steps.push({
        label: `a late mark ${marks ? 'arrives' : 'finds nothing to mark'}`,
        state: marks ? { ...marked(gone, lateMark), wasCutOff: world.wasCutOff || !isWaitedFor } : gone,
      })
    }
    if (status === 'CLOSED' && stock === 'returning')
      steps.push({ label: 'the stock is given back', state: { ...world, stock: 'returned', returned: returned + 1 } })
    if (status === 'IN_DOUBT' && (isStill || !safeguards.has('operatorWaits'))) {
      const found: Stock = sold > returned ? 'returning' : 'none'
      steps.push({
        label: `an operator finds it ${found === 'returning' ? '' : 'not '}sold`,
        state: { ...world, status: 'CLOSED', stock: found, mark: 0, by: 0 },
        byHand: true,
      })
    }
    return steps
  }

  return {
    initial: {
      status: 'absent',
      stock: 'none',
      mark: 0,
      by: 0,
      lateMark: 0,
      marks: 0,
      sold: 0,
      returned: 0,
      astray: 0,
      told: { created: false, refused: false },
      drivers: DRIVERS.map(() => idle),
      wasCutOff: false,
    },
    steps: (world) => [...world.drivers.flatMap((_, i) => driverSteps(world, i)), ...others(world)],
    encode: ({ status, stock, mark, by, lateMark, marks, sold, returned, astray, told, drivers, wasCutOff }) =>
      [
        status,
        stock,
        mark,
        by,
        lateMark,
        marks,
        sold,
        returned,
        astray,
        told.created,
        told.refused,
        wasCutOff,
        ...drivers.flatMap(({ at, mark: held, token, isRepeat, isLost }) => [at, held, token, isRepeat, isLost]),
      ].join(),
    describe: ({ status, stock, mark, sold, returned, astray, drivers }) =>
      [
        `${status} ${stock}${mark ? `, mark ${mark}` : ''}`,
        `sold ${sold}, given back ${returned}`,
        ...(astray ? [`${astray} under way`] : []),
        ...drivers.flatMap(({ at, mark: held }, i) =>
          at === 'idle' ? [] : [`${DRIVERS[i]} at ${at}${held ? ` with mark ${held}` : ''}`],
        ),
      ].join(' | '),
    isQuiet: ({ status, stock, drivers, astray, lateMark }) =>
      drivers.every(({ at }) => at === 'idle') &&
      astray === 0 &&
      lateMark === 0 &&
      status !== 'CREATING' &&
      stock !== 'returning',
    always: {
      'a Sell is applied at most once': ({ sold }) => sold < 2,
      'what is PAYING was sold without a key': ({ status, sold, returned }) => status !== 'PAYING' || sold - returned === 1,
      'who was answered an order has it': ({ told, status }) => !told.created || status === 'PAYING',
      'who was refused never has the order': ({ told, status }) => !told.refused || status !== 'PAYING',
      'only what was cut off is in doubt': ({ status, wasCutOff }) => status !== 'IN_DOUBT' || wasCutOff,
    },
    whenQuiet: {
      'when quiet, what was sold is PAYING, given back, or in doubt': ({ status, sold, returned }) =>
        status === 'IN_DOUBT' || sold - returned === (status === 'PAYING' ? 1 : 0),
    },
  }
}
