import { linesText } from '../contracts/lines-text.ts'
import { messageForOperators } from '../contracts/message-for-operators.ts'
import { moneyText } from '../contracts/money-text.ts'
import { PARTICIPANTS } from '../contracts/participants/list.ts'
import { shownText } from '../contracts/shown-text.ts'
import type { StoredPayment } from '../store/life/payments.ts'
import { owedText, standing } from './require-order.ts'
import { answeredAdvice } from './resolve-answered.ts'
import type { OrderRun, ShownOrder } from './shown-order.ts'
import { textTable } from './text-table.ts'

/** Each step of the saga, its activities in runs of one order and of a batch, its undo, and its effect. */
const STORY: {
  step: string
  activities: string[]
  undo?: { step: string; activities: string[] }
  effect?: (of: ShownOrder) => string
}[] = [
  {
    step: 'openOrder',
    activities: ['openOrder', 'prepareOrders'],
    undo: { step: 'voidOrder', activities: ['voidOrder', 'voidOrders'] },
    effect: () => 'order CREATING, its user locked',
  },
  { step: 'getUser', activities: ['getUser', 'prepareOrders'] },
  { step: 'batchGetGoods', activities: ['batchGetGoods', 'prepareOrders'] },
  ...PARTICIPANTS.map(({ do: doing, undo }) => ({
    step: doing.step,
    activities: [doing.step, doing.stepOfBatch],
    undo: { step: undo.step, activities: [undo.step, undo.stepOfBatch] },
    effect: ({ pieces }: ShownOrder) => doing.drawn(linesText(pieces)),
  })),
  {
    step: 'confirmOrder',
    activities: ['confirmOrder', 'confirmOrders'],
    effect: ({ order: { total } }) => (total ? `${moneyText(total)} due` : 'the pivot: money due'),
  },
]

/**
 * The saga of one order as a picture in text: what was done, its undo beside it, and what there is in the end. What services and callers wrote
 * makes no line of its own.
 */
export function sagaPicture(shown: ShownOrder): string {
  const { order, pieces, ledger, runs, audit } = shown
  const rows = STORY.map(({ step, activities, undo, effect }) => {
    const done = told(runs, activities)
    const undone = undo ? told(runs, undo.activities) : undefined
    return {
      step,
      done: done ?? 'not done',
      effect: done ? (effect?.(shown) ?? '') : '',
      undo: undo ? `↩ ${undo.step}` : '',
      undone: undo ? (undone ?? 'not needed so far') : '',
    }
  })
  const picture = textTable(
    [
      { head: 'do', of: ({ step }) => step },
      { head: '', of: ({ done }) => done },
      { head: 'effect', of: ({ effect }) => effect },
      { head: 'undo', of: ({ undo }) => undo },
      { head: '', of: ({ undone }) => undone },
    ],
    rows,
  )
  const lines = [
    `order ${order.orderSn} of user ${order.userId}: ${standing(order)}, opened ${order.createdAt}${order.placedBy === undefined ? '' : ` by ${order.placedBy}`}`,
    ...(order.refusal ? [`refused: ${order.refusal.type}, ${messageForOperators(order.refusal)}`] : []),
    ...momentsOf(order),
    '',
    ...(runs.some(({ steps }) => steps.length > 0) ? [...picture.split('\n'), ''] : []),
    ...(shown.answeredBy !== undefined
      ? [`ANSWERED  run ${shown.answeredBy} calls it confirmed, and the store does not: ${answeredAdvice(order.orderSn)}`, '']
      : []),
    `stock   ${stockText(shown)}`,
    ...(order.owed.length > 0 ? [`owed    ${owedText(order)}`] : []),
    ...(ledger ? [`ledger  ${ledger.state}${ledger.lines.length > 0 ? ` ${linesText(ledger.lines)}` : ''}`] : []),
    `money   ${moneyDue(order)}`,
    ...shown.payments.map((one) => `payment ${paymentText(one)}`),
    ...(pieces.length > 0 ? [`pieces  ${linesText(pieces)}`] : []),
    ...(runs.length > 0 ? runs.flatMap(runLines) : ['run     Temporal remembers none']),
    ...(audit.length > 0 ? ['', 'audit trail', ...auditText(shown).split('\n')] : []),
  ]
  return lines.map(shownText).join('\n')
}

/** Counts how often and with what end these activities ran, in all runs together; `undefined` if they never did. */
function told(runs: readonly OrderRun[], activities: readonly string[]): string | undefined {
  const steps = runs.flatMap((run) => run.steps.filter(({ activity }) => activities.includes(activity)))
  const last = steps.at(-1)
  if (!last) return undefined
  const attempts = steps.reduce((sum, { attempt }) => sum + attempt, 0)
  const shared = last.shared ? ', shared with its batch' : ''
  const time = last.durationMs === undefined ? '' : `, ${last.durationMs} ms`
  return `${last.outcome === 'open' ? 'under way' : last.outcome}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}${time}${shared}`
}

/** Returns a line for each moment of its life that is over. */
function momentsOf({ paidAt, finishedAt, closedAt, closedFor, deletedAt }: ShownOrder['order']): string[] {
  const moments = [
    ['paid', paidAt],
    ['finished', finishedAt],
    [`closed (${closedFor ?? 'no reason was kept'})`, closedAt],
    ['deleted', deletedAt],
  ] as const
  return moments.flatMap(([what, at]) => (at === undefined ? [] : [`${what} ${at}`]))
}

function moneyDue({ total, status, payDeadline, paidAt }: ShownOrder['order']): string {
  if (!total || status === 'TRADE_CLOSED') return 'none is due'
  return paidAt === undefined ? `${moneyText(total)}, to be paid until ${payDeadline}` : `${moneyText(total)}, paid ${paidAt}`
}

function paymentText({ provider, paymentId, amount, outcome, refund, refundedAt }: StoredPayment): string {
  const end = { none: '', owed: ', a refund is owed', refunded: `, given back ${refundedAt}` }
  return `${provider}/${paymentId}: ${moneyText(amount)}, ${outcome}${end[refund]}`
}

function stockText({ order: { orderSn, stockState }, pieces }: ShownOrder): string {
  const named = linesText(pieces) || 'nothing'
  switch (stockState) {
    case 'sold':
      return `holds ${named}`
    case 'returned':
      return `given back: holds nothing`
    case 'none':
      return 'never asked for: holds nothing'
    case 'selling':
      return `may hold ${named}: it is being sold`
    case 'returning':
      return `may hold ${named}: a Reback is owed`
    case 'in_doubt':
      return `nobody knows about ${named}: find out, then resolve ${orderSn}`
  }
}

function runLines({ workflowId, type, status, paused, url }: OrderRun): string[] {
  const stopped = paused ? `, ${paused.join(', ')} is paused` : status === 'STALLED' ? ': no worker takes its tasks' : ''
  return [`run     ${type} ${workflowId}: ${status.toLowerCase()}${stopped}`, ...(url ? [`        ${url}`] : [])]
}

function auditText({ audit }: ShownOrder): string {
  return textTable(
    [
      { head: 'at', of: ({ at }) => at },
      { head: 'verb', of: ({ verb }) => verb },
      { head: 'by', of: ({ by, role }) => (role === undefined || role === by ? by : `${by} (${role})`) },
      { head: 'before', of: ({ before }) => `${before.status ?? 'unknown'}/${before.stockState ?? 'unknown'}` },
      { head: 'after', of: ({ after }) => `${after.status ?? 'unknown'}/${after.stockState ?? 'unknown'}` },
      { head: 'why', of: ({ why }) => why },
    ],
    audit,
  )
}
