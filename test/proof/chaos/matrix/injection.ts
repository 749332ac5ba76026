import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import type { CallFault } from '../proxies/grpc-proxy.ts'
import type { RequestFault } from '../proxies/tcp-proxy.ts'
import type { Cell } from './cells.ts'
import { isExpress, isUnkeyed, type Lane, type OrderMarks, type Party, type StepName, stepOf } from './steps.ts'

/** Delay of a late report: above a workflow task's time-out (10 s), since a worker does not give up its reports. Milliseconds. */
const LATE_REPORT_MS = 12_000
/** Time that a held message waits to be overtaken, if nothing comes. Milliseconds. */
const OVERTAKEN_WITHIN_MS = 8_000

const BROKEN = { code: status.UNAVAILABLE, message: 'the connection broke' }
const FORBIDDEN = { code: status.PERMISSION_DENIED, message: 'turned away by a gateway' }
/** SQLSTATE read_only_sql_transaction: what a standby says to who writes. */
const STANDBY = postgresError('25006', 'cannot execute INSERT in a read-only transaction')
/** SQLSTATE check_violation: the statement itself is refused. */
const VIOLATION = postgresError('23514', 'refused by a constraint')

/** Fault that befalls one message, whichever protocol carries it. */
interface Blow {
  after?: 'given up' | Promise<unknown>
  deliver: 0 | 1 | 2
  answer: 'reply' | 'nothing' | 'broken' | 'refused'
  onDelivered?: () => void
}

/** The fault of one cell: it befalls the first message of its step, and whatever is needed to get there is arranged as well. */
export class Injection {
  /** Fulfilled when the message that was struck can have no effect any more that is still to come. */
  readonly landed: Promise<void>
  /** True once the message came at all. */
  befell = false
  readonly #cell: Cell
  readonly #order: OrderMarks
  readonly #kill: () => void
  #overtaken = () => {}
  #land = () => {}

  /** @param kill ends the process that sends the message */
  constructor(cell: Cell, order: OrderMarks, kill: () => void) {
    this.#cell = cell
    this.#order = order
    this.#kill = kill
    this.landed = new Promise((resolve) => {
      this.#land = resolve
    })
  }

  get lane(): Lane {
    return this.#cell.lane
  }

  call(party: Party, path: string, message: Buffer): CallFault | undefined {
    const blow = this.#blow(party, message, path)
    if (!blow) return undefined
    const { answer, ...rest } = blow
    return { ...rest, answer: answer === 'broken' ? BROKEN : answer === 'refused' ? FORBIDDEN : answer }
  }

  statement(message: Buffer): RequestFault | undefined {
    if (this.#failsAt('confirmOrder') && this.#is('confirmOrder', 'PostgreSQL', message))
      return { deliver: false, answer: VIOLATION }
    const blow = this.#blow('PostgreSQL', message)
    if (!blow) return undefined
    const { answer, deliver, ...rest } = blow
    const said = answer === 'broken' ? 'reset' : answer === 'refused' ? STANDBY : answer
    return { ...rest, deliver: deliver > 0, answer: said }
  }

  #blow(party: Party, message: Buffer, path = ''): Blow | undefined {
    const { step } = this.#cell
    const isSell = this.#is('sell', party, message, path)
    if (isSell && this.#failsAt('sell')) return { deliver: 1, answer: 'refused' }
    if (this.#is(step, party, message, path)) {
      if (!this.befell) return this.#strike()
      return isSell && this.#overtakenBy() === 'reback' ? { deliver: 0, answer: 'refused' } : this.#overtaking()
    }
    return this.#is(this.#overtakenBy(), party, message, path) ? this.#overtaking() : undefined
  }

  #strike(): Blow {
    this.befell = true
    const { fault, step } = this.#cell
    const onDelivered = this.#land
    switch (fault) {
      case 'reply lost':
        return { deliver: 1, answer: 'broken', onDelivered }
      case 'late': {
        const isReport = step === 'reportTask' || step === 'reportActivity'
        return { after: isReport ? sleep(LATE_REPORT_MS) : 'given up', deliver: 1, answer: 'nothing', onDelivered }
      }
      case 'duplicated':
        return { deliver: 2, answer: 'reply', onDelivered }
      case 'reordered': {
        const overtaken = new Promise<void>((resolve) => {
          this.#overtaken = resolve
        })
        return { after: Promise.race([overtaken, sleep(OVERTAKEN_WITHIN_MS)]), deliver: 1, answer: 'broken', onDelivered }
      }
      case 'killed after':
        return {
          deliver: 1,
          answer: 'nothing',
          onDelivered: () => {
            this.#kill()
            onDelivered()
          },
        }
      case 'killed before':
        this.#kill()
        onDelivered()
        return { deliver: 0, answer: 'nothing' }
      case 'lost':
      case 'refused':
        onDelivered()
        return { deliver: 0, answer: fault === 'lost' ? 'broken' : 'refused' }
    }
  }

  #overtaking(): Blow {
    return { deliver: 1, answer: 'reply', onDelivered: this.#overtaken }
  }

  /** A Sell that its Reback overtakes is what tombstones are for: so its repeats are refused, and the order is undone. */
  #overtakenBy(): StepName {
    const { fault, lane, step } = this.#cell
    return fault === 'reordered' && step === 'sell' && !isUnkeyed(lane) ? 'reback' : step
  }

  /**
   * Returns true at the step that fails an order which is to be undone after its stock was taken. The lane by itself undoes
   * only what the inventory refused: there, the answer to an applied Sell is turned into a refusal. Without keys that would be a doubt.
   */
  #failsAt(step: 'sell' | 'confirmOrder'): boolean {
    const { lane, step: struck } = this.#cell
    return stepOf(struck).undo === true && step === (isExpress(lane) && !isUnkeyed(lane) ? 'sell' : 'confirmOrder')
  }

  #is(step: StepName, party: Party, message: Buffer, path = ''): boolean {
    return stepOf(step).party === party && stepOf(step).is(message, this.#order, path)
  }
}

/** ErrorResponse and ReadyForQuery, as PostgreSQL answers a statement that fails. */
function postgresError(sqlState: string, message: string): Buffer {
  const fields = Buffer.from(`SERROR\0VERROR\0C${sqlState}\0M${message}\0\0`)
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + fields.length)
  return Buffer.concat([Buffer.from('E'), length, fields, Buffer.from('Z\0\0\0\x05I')])
}
