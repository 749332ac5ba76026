import { type AuditedGoods, disproved } from './audit.ts'
import type { HoldingKind } from './mysql-audit.ts'
import { figure, ranges } from './report.ts'

/** Everything that an audit found. */
export interface Audited {
  goods: AuditedGoods[]
  /** Numbers of orders in the source. */
  orders: Record<HoldingKind, number>
  /** Numbers of imported orders that are closed and still hold their stock; absent if our store was not asked. */
  applicable?: number
}

/** The audit in words: what it means first, then each goods. */
export function auditText({ goods, orders, applicable }: Audited): string {
  const sum = (of: (one: AuditedGoods) => number | undefined) => goods.reduce((all, one) => all + Math.max(of(one) ?? 0, 0), 0)
  const leaked = sum(({ closed, deleted }) => closed + deleted)
  const calls = sum(({ unexplainedCalls }) => unexplainedCalls)
  const lost = sum(({ unexplained }) => unexplained)
  const seen = goods.some(({ unexplainedCalls }) => unexplainedCalls !== undefined)
  const said = goods.some(({ unexplained }) => unexplained !== undefined)
  const wrong = disproved(goods)
  return [
    'What the original lost, by its own tables:',
    '',
    `  ${figure(leaked)} pieces of ${figure(orders.closed + orders.deleted)} orders that were closed or deleted unpaid. Its code gives nothing back when an order is`,
    '    closed or deleted: they are neither sold nor on sale. Each order proves its pieces.',
    `  ${figure(sum(({ overdue }) => overdue))} pieces of ${figure(orders.overdue)} orders that nobody has paid in time, and that nobody closes there. Once imported they are closed here,`,
    '    and given back.',
    seen
      ? `  ${figure(calls)} calls that changed the stock, and that no order explains: each is a Sell whose order was never written (a crash, a lost reply),\n    or half of such a Sell and its Reback. How many pieces that is the tables do not say; --supplied does.`
      : '  Calls that no order explains: not known. Name the tables of the inventory (--inventory mysql://…): they count every change.',
    said
      ? `  ${figure(lost)} pieces that were put in, and that neither stock nor orders explain: they are lost without a trace.`
      : '  Pieces that no order explains: not known. Say what was ever put in (--supplied FILE, a line GOODS,PIECES for each goods).',
    ...(wrong.length > 0
      ? [
          `  Of goods ${ranges(wrong)} there are more than can be: somebody has put pieces back already, or more than was said. Their closed orders`,
          '    prove nothing, and --apply leaves them alone.',
        ]
      : []),
    '',
    `Orders: ${figure(orders.paid)} paid, ${figure(orders.unpaid)} unpaid, ${figure(orders.overdue)} overdue, ${figure(orders.closed)} closed, ${figure(orders.deleted)} deleted unpaid, ${figure(orders.unsold)} of which nothing was sold`,
    '',
    table(goods),
    '',
    advice(orders, applicable),
  ].join('\n')
}

function advice(orders: Audited['orders'], applicable: number | undefined): string {
  const leaked = orders.closed + orders.deleted
  if (leaked === 0) return 'No order was closed or deleted unpaid: there is nothing to give back.'
  if (applicable === undefined)
    return 'To give back what closed orders prove: import them (npm run import -- --from …), then --audit --apply with DATABASE_URL.'
  if (applicable === 0) return 'Of the imported orders none is left to be given back; import first if some are missing.'
  return `--apply gives back what ${figure(applicable)} imported orders prove, each once, and records it.`
}

function table(goods: readonly AuditedGoods[]): string {
  const known = (count: number | undefined) => (count === undefined ? '?' : figure(count))
  const heads = ['goods', 'stock', 'paid', 'unpaid', 'overdue', 'closed', 'deleted', 'given back', 'calls?', 'pieces?']
  const rows = goods.map((one) => [
    ...[
      String(one.goodsId),
      known(one.stock),
      ...[one.paid, one.unpaid, one.overdue, one.closed, one.deleted, one.givenBack].map(figure),
    ],
    ...[known(one.unexplainedCalls), known(one.unexplained)],
  ])
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)))
  return [heads, ...rows].map((row) => row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ')).join('\n')
}
