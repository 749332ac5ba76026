import type { Line } from '../contracts/order.ts'
import {
  type DoubtsFound,
  type Equation,
  type Finding,
  MISMATCHES,
  type MismatchKind,
  type Reconciliation,
  type ReconciliationSummary,
} from '../contracts/reconciliation.ts'
import type { Holding } from '../store/reconciliation-store.ts'
import { adviseDoubts } from './advise-doubts.ts'
import type { ReconciliationDeps } from './deps.ts'
import { difference, type Judgement, judgeOrder, type Pair } from './judge-order.ts'
import { lookForLost } from './lost-orders.ts'
import { pairOrders } from './pair-orders.ts'
import { proposeVerdicts } from './propose-verdicts.ts'
import { balanceStock } from './stock-balance.ts'

/** Findings that are listed; beyond it something is wrong as a whole, and a longer list would not say more. */
const MAX_FINDINGS = 1_000
const MAX_ORDERS_NAMED = 20
/** Characters of an order's number that a summary holds; ours have 16. */
const MAX_NUMBER_LENGTH = 64
/** Signs of orders whose pieces the store itself counts as open: the balance of the stock allows for them already. */
const OPEN_KINDS = new Set<MismatchKind>(['abandoned', 'reback-overdue', 'waits-for-mode', 'in-doubt', 'answered-confirmed'])
const DRIFT_ADVICE = 'mend the stock (SetInventory), or if it was changed on purpose, take a new baseline: reconcile --baseline'
/** An order that changes between every two looks is on its way; the next reconciliation sees it. */
const MAX_LOOKS = 3

/**
 * Compares the orders with the inventory, all of both, while orders go on. What looks wrong is looked at once more, order
 * first, ledger second, and counts only if the order did not change meanwhile.
 * @throws the error of the party that could not be asked
 */
export async function reconcile(deps: ReconciliationDeps): Promise<Reconciliation> {
  const { store, ledger, beat } = deps
  const equations = new Map<number, Equation>()
  const findings: Finding[] = []
  const unexplained = Object.fromEntries(
    Object.keys(MISMATCHES).map((kind) => [kind, { units: 0, findings: 0 }]),
  ) as ReconciliationSummary['unexplained']
  const corrections = new Map<number, number>()
  let orders = 0

  const sales = ledger && ((after: string) => ledger.salesAfter(after))
  for await (const pair of pairOrders((after) => store.holdingsAfter(after), sales)) {
    beat?.()
    orders++
    take(pair.orderSn, await judge(deps, pair))
  }
  const lookedUpTo = await lookForLost(deps, take).catch(async (error: unknown) => {
    note({ kind: 'unaskable', units: [], advice: adviceFor(error) })
    return (await store.lookedUpTo()).since
  })
  const { balances, unaskable } = await balanceStock(deps, corrections)
  for (const [goodsId, error] of unaskable) {
    note({ kind: 'unaskable', units: [{ goodsId, num: 0 }], advice: adviceFor(error) })
  }
  for (const { goodsId, stock, baseline, drift } of balances) {
    Object.assign(equationOf(equations, goodsId, Boolean(ledger)), { stock, baseline, drift })
    if (drift !== 0) note({ kind: 'stock-drift', units: [{ goodsId, num: drift }], advice: DRIFT_ADVICE })
  }

  const doubts = await proposeVerdicts(deps, new Set(corrections.keys()))
  adviseDoubts(findings, doubts)

  const orderSns = findings
    .flatMap(({ orderSn }) => orderSn ?? [])
    .slice(0, MAX_ORDERS_NAMED)
    .map(asNamed)
  const summary = { orders, unexplained, orderSns, doubts: countDoubts(doubts) }
  await store.recordSummary({ ...summary, ...(lookedUpTo !== undefined && { lookedUpTo }) })
  const sorted = [...equations.values()].sort((a, b) => a.goodsId - b.goodsId)
  return { mode: ledger ? 'keyed' : 'unkeyed', ...summary, equations: sorted, findings, ...doubts }

  function take(orderSn: string, judgement: Judgement) {
    add(equations, judgement, Boolean(ledger))
    if (!judgement.mismatch) return
    const { kind, units, repair, advice } = judgement.mismatch
    // The pieces of every finding count, not only of those that are listed: the rest would pass for a drift of the stock.
    if (!OPEN_KINDS.has(kind)) correct(units)
    note({ kind, orderSn, units, ...(repair && { repair }), ...(advice && { advice }) })
  }

  function correct(units: readonly Line[]) {
    for (const { goodsId, num } of units) corrections.set(goodsId, (corrections.get(goodsId) ?? 0) + num)
  }

  function note(finding: Finding) {
    const counted = unexplained[finding.kind]
    counted.findings++
    counted.units += finding.units.reduce((sum, { num }) => sum + Math.abs(num), 0)
    if (findings.length < MAX_FINDINGS) findings.push(finding)
  }
}

function countDoubts({ proposed, undecided }: DoubtsFound): NonNullable<ReconciliationSummary['doubts']> {
  const counts: NonNullable<ReconciliationSummary['doubts']>['undecided'] = {}
  for (const { why } of undecided) counts[why] = (counts[why] ?? 0) + 1
  return { proposed: proposed.length, undecided: counts }
}

/** The number as it can be stored: an inventory may answer any text for one, of any length, and PostgreSQL takes no U+0000. */
function asNamed(orderSn: string): string {
  const start = [...orderSn.slice(0, 2 * MAX_NUMBER_LENGTH)].slice(0, MAX_NUMBER_LENGTH)
  return start.join('').replaceAll('\0', '\uFFFD')
}

/** True if nothing is left to explain. */
export function isExplained({ unexplained }: ReconciliationSummary): boolean {
  return Object.values(unexplained).every(({ findings }) => findings === 0)
}

/** Adds one order to the equations of its goods. */
function add(equations: Map<number, Equation>, { sold, onTheWay, ledger, mismatch }: Judgement, keyed: boolean): void {
  const to = (lines: readonly Line[], field: 'sold' | 'onTheWay' | 'ledger') => {
    for (const { goodsId, num } of lines) {
      const equation = equationOf(equations, goodsId, keyed)
      equation[field] = (equation[field] ?? 0) + num
    }
  }
  to(sold, 'sold')
  to(onTheWay, 'onTheWay')
  to(ledger, 'ledger')
  // Pieces in doubt may not have been taken at all: if there is a ledger, it says what is left to explain.
  const unexplained = keyed ? difference(ledger, [...sold, ...onTheWay]) : (mismatch?.units ?? [])
  for (const { goodsId, num } of unexplained) equationOf(equations, goodsId, keyed).unexplained += num
}

function equationOf(equations: Map<number, Equation>, goodsId: number, keyed: boolean): Equation {
  const known = equations.get(goodsId)
  if (known) return known
  const fresh = { goodsId, sold: 0, onTheWay: 0, ledger: keyed ? 0 : null, unexplained: 0 }
  equations.set(goodsId, fresh)
  return fresh
}

async function judge(deps: ReconciliationDeps, pair: Pair): Promise<Judgement> {
  try {
    return await judgeByLooks(deps, pair)
  } catch (error) {
    return unaskable(pair, error)
  }
}

async function judgeByLooks(deps: ReconciliationDeps, pair: Pair): Promise<Judgement> {
  const first = await judgeAsSeen(deps, pair)
  if (!first.mismatch) return first
  for (let look = 1; ; look++) {
    const seen = await lookAt(deps, pair.orderSn)
    const { mismatch, ...settled } = await judgeAsSeen(deps, seen)
    if (!mismatch) return settled
    const after = await deps.store.holding(pair.orderSn)
    if (after?.version === seen.holding?.version) return { ...settled, mismatch: await answered(deps, seen, mismatch) }
    if (look === MAX_LOOKS) return settled
  }
}

type Mismatch = NonNullable<Judgement['mismatch']>

/** The sale of an order whose row is gone is not somebody else's if a run of ours called the order confirmed. */
async function answered({ answerGiven }: ReconciliationDeps, { orderSn }: Pair, mismatch: Mismatch): Promise<Mismatch> {
  const answer = mismatch.kind === 'sale-without-order' ? await answerGiven(orderSn) : undefined
  if (!answer) return mismatch
  const advice = `resolve ${orderSn} --as-answered restores it, as run ${answer.workflowId} answered: its sale is not repeated`
  return { kind: 'answered-without-order', repair: 'return-answered', units: mismatch.units, advice }
}

/** Judged by what is known already: what is not settled counts as on its way. */
function unaskable(pair: Pair, error: unknown): Judgement {
  const { mismatch, ...known } = judgeOrder(pair, 'attended')
  return { ...known, mismatch: { kind: 'unaskable', units: mismatch?.units ?? [], advice: adviceFor(error) } }
}

async function lookAt({ store, ledger }: ReconciliationDeps, orderSn: string): Promise<Pair> {
  const holding = await store.holding(orderSn)
  const entry = await ledger?.sale(orderSn)
  return { orderSn, ...(holding && { holding }), ...(entry && { entry }) }
}

async function judgeAsSeen({ attendanceOf }: ReconciliationDeps, pair: Pair): Promise<Judgement> {
  const { holding } = pair
  return judgeOrder(pair, holding && isUnsettled(holding) ? (await attendanceOf(holding)).kind : 'settled')
}

function isUnsettled({ status, stockState }: Holding): boolean {
  return status === 'CREATING' || stockState === 'returning'
}

function adviceFor(error: unknown): string {
  const { details, message } = error as { details?: string; message?: string }
  return `mend what keeps it from being asked about, then compare again: ${details || message || String(error)}`
}
