import { isDeepStrictEqual } from 'node:util'
import type { Line } from '../../../../contracts/order.ts'
import { type SaleInfo, SaleState } from '../../../../proto/generated/inventory.ts'
import { isConfirmed, type StoredOrder } from '../../../../store/stored-order.ts'
import type { Answer } from '../../../e2e/faults/place.ts'
import type { Cell } from './cells.ts'
import { isUnkeyed } from './steps.ts'

/**
 * Ways in which an order of the matrix may end.
 * - `confirmed`: it stands, and its stock is its own
 * - `closed`: refused, or created and then cancelled, and nothing is held
 * - `in doubt`: nobody knows what the inventory did, and the order says so
 * - `not begun`: refused before anything was recorded
 */
export const ENDINGS = ['confirmed', 'closed', 'in doubt', 'not begun'] as const
export type Ending = (typeof ENDINGS)[number]

/** Everything that is known of a cell when it is quiet. */
interface Facts {
  cell: Cell
  /** The one line of the order. */
  asked: Line
  /** Every answer that the client got, in their order. */
  told: readonly Answer<Ordered>[]
  /** The order that was struck. */
  order: StoredOrder | undefined
  /** Orders of the repeats of a click, whose order before was refused. */
  others: readonly StoredOrder[]
  /** Pieces that the inventory has less than before. */
  taken: number
  /** Entry in the inventory's ledger, if it keeps one. */
  sale?: SaleInfo
  /** True if the fault happened. */
  befell: boolean
}

/** Answer of each door for an order that was created. */
export interface Ordered {
  orderSn: string
  lines: readonly Line[]
}

/** Returns how the order ended, and everything that must not be: a leak, a double, a loss, a lie. */
export function judge(facts: Facts): { ending: Ending; violations: string[] } {
  const { befell, cell, order, others } = facts
  const ending = endingOf(order)
  const violations = [...stockProblems(facts, ending), ...lies(facts, ending)]
  if (!befell) violations.push('the fault never happened: no such message was seen')
  if ([order, ...others].filter((one) => one && isConfirmed(one)).length > 1) violations.push('one click is two orders')
  if ([order, ...others].some((one) => one?.status === 'CREATING')) violations.push('an order is CREATING, and nobody is at it')
  if (ending === 'in doubt' && !isUnkeyed(cell.lane)) violations.push('an order is in doubt, and its inventory has keys')
  return { ending, violations }
}

function endingOf(order: StoredOrder | undefined): Ending {
  if (!order) return 'not begun'
  if (order.inDoubt) return 'in doubt'
  return isConfirmed(order) && order.status !== 'TRADE_CLOSED' ? 'confirmed' : 'closed'
}

function stockProblems({ order, others, asked, sale, taken }: Facts, ending: Ending): string[] {
  const problems: string[] = []
  const ofOthers = asked.num * others.filter((one) => endingOf(one) === 'confirmed').length
  const ofThis = { confirmed: [asked.num], closed: [0], 'not begun': [0], 'in doubt': [0, asked.num] }[ending]
  const may = ofThis.map((pieces) => pieces + ofOthers)
  if (!may.includes(taken)) problems.push(`the order is ${ending}, and ${taken} pieces are gone instead of ${may.join(' or ')}`)
  if (ending === 'in doubt') {
    const named = order?.inDoubt?.map(({ goodsId, num }) => `${num} of ${goodsId}`).join()
    if (named !== `${asked.num} of ${asked.goodsId}`) problems.push(`the doubt names ${named}`)
  }
  const sold = sale?.state === SaleState.SALE_STATE_SOLD
  if (sale && sold !== (ending === 'confirmed')) problems.push(`the order is ${ending}, and the ledger says ${sale.state}`)
  return problems
}

/** Answers that are not, or did not stay, true. */
function lies({ asked, order, others, told }: Facts, ending: Ending): string[] {
  const known = [order, ...others].filter((one) => one !== undefined)
  // One that was cancelled afterwards had been created.
  const wereConfirmed = known.filter(isConfirmed)
  return told.flatMap((answer) => {
    switch (answer.kind) {
      case 'created': {
        const { orderSn, lines } = answer.order
        const said = lines.map(({ goodsId, num }) => ({ goodsId, num }))
        const isTrue = wereConfirmed.some((one) => one.orderSn === orderSn) && isDeepStrictEqual(said, [asked])
        return isTrue ? [] : [`order ${orderSn} was answered as created, and the order is ${ending}`]
      }
      case 'pending':
        return known.some(({ orderSn }) => orderSn === answer.orderSn)
          ? []
          : [`order ${answer.orderSn} was answered as pending, and there is none`]
      case 'refused': {
        const isFinal = answer.failure !== 'ServiceUnavailable'
        const isTrue = wereConfirmed.length === 0 && (ending === 'closed' || ending === 'not begun')
        return isFinal && !isTrue ? [`${answer.failure} was answered, and the order is ${ending}`] : []
      }
      default:
        return []
    }
  })
}
