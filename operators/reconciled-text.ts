import { type Equation, type Finding, MISMATCHES } from '../contracts/reconciliation.ts'
import type { Reconciled } from './reconciled.ts'
import { textTable } from './text-table.ts'

/** Goods whose equations are shown if all is well with them. */
const WELL_SHOWN = 10

const REPAIRS = {
  settle: 'a run settles it: closed unless it is confirmed, stock given back',
  return: 'Reback, once by its number',
  owe: 'it owes its Reback again, which a worker under INVENTORY_MODE=unkeyed sends',
  sell: 'Sell, once by its number',
  'return-unknown': 'Reback, with --return-unknown: make sure that nobody else sold it',
  'return-answered': 'resolve SN --as-answered restores it; or Reback, with --return-answered',
}

/** A comparison as text: the equation of each goods, then what is wrong and what can be done about it. */
export function reconciledText({
  mode,
  orders,
  equations,
  findings,
  unexplained,
  repaired,
  explained,
  proposed,
}: Reconciled): string {
  const amiss = equations.filter(({ unexplained, drift }) => unexplained !== 0 || (drift ?? 0) !== 0)
  const well = equations.filter((equation) => !amiss.includes(equation))
  const shown = [...amiss, ...well.slice(0, WELL_SHOWN)].sort((a, b) => a.goodsId - b.goodsId)
  const counted = Object.entries(unexplained).filter(([, { findings }]) => findings > 0)
  return [
    `${orders} orders compared with the ${mode} inventory: ${
      mode === 'keyed' ? 'ledger = sold + on the way + unexplained' : 'it keeps no ledger, its stock is held against the baseline'
    }; stock + ledger = baseline + drift`,
    '',
    equations.length > 0 ? equationTable(shown) : 'no goods were ever ordered',
    ...(well.length > WELL_SHOWN ? [`… and ${well.length - WELL_SHOWN} more goods, all explained`] : []),
    ...(equations.some(({ baseline }) => baseline !== undefined)
      ? []
      : ['no baseline of the stock was taken, so only the ledger was compared: reconcile --baseline takes one']),
    ...(repaired.length > 0 ? ['', 'repairs', repairTable(repaired)] : []),
    '',
    ...(findings.length > 0 ? ['unexplained', findingTable(findings), ''] : []),
    explained
      ? 'everything is explained'
      : `unexplained: ${counted.map(([kind, { findings, units }]) => `${findings} × ${kind} (${units} pieces)`).join(', ')}${
          repaired.length === 0 && findings.some(({ repair }) => repair) ? '; --apply carries out the repairs' : ''
        }`,
    ...(proposed.length > 0
      ? [`the stock says what became of ${proposed.length} in doubt: resolve --proposed shows how, with --apply settles them so`]
      : []),
  ].join('\n')
}

function equationTable(equations: readonly Equation[]): string {
  return textTable<Equation>(
    [
      { head: 'goods', right: true, of: ({ goodsId }) => goodsId },
      { head: 'ledger', right: true, of: ({ ledger }) => ledger ?? '' },
      { head: '=', of: ({ ledger }) => (ledger === null ? '' : '=') },
      { head: 'sold', right: true, of: ({ sold }) => sold },
      { head: 'on the way', right: true, of: ({ onTheWay }) => onTheWay },
      { head: 'unexplained', right: true, of: ({ unexplained }) => signed(unexplained) },
      { head: 'stock', right: true, of: ({ stock }) => stock },
      { head: 'baseline', right: true, of: ({ baseline }) => baseline },
      { head: 'drift', right: true, of: ({ drift }) => (drift === undefined ? undefined : signed(drift)) },
    ],
    equations,
  )
}

function findingTable(findings: readonly Finding[]): string {
  return textTable<Finding>(
    [
      { head: 'order', of: ({ orderSn }) => orderSn ?? '(no single order)' },
      { head: 'kind', of: ({ kind }) => kind },
      { head: 'goods: pieces', of: ({ units }) => units.map(({ goodsId, num }) => `${goodsId}: ${signed(num)}`).join(', ') },
      { head: 'what it means', of: ({ kind }) => MISMATCHES[kind] },
      { head: 'repair', of: ({ repair, advice }) => (repair ? REPAIRS[repair] : advice) },
    ],
    findings,
  )
}

function repairTable(repaired: Reconciled['repaired']): string {
  return textTable(
    [
      { head: 'order', of: ({ orderSn }) => orderSn ?? '(no single order)' },
      { head: 'outcome', of: ({ told }) => told },
    ],
    repaired,
  )
}

function signed(num: number): string {
  return num > 0 ? `+${num}` : `${num}`
}
