import { setTimeout as sleep } from 'node:timers/promises'
import type { DoubtedGoods, DoubtsFound, ProposedVerdict, UndecidedDoubt, UndecidedWhy } from '../contracts/reconciliation.ts'
import { DOUBT_RIPE_AFTER_MS } from '../contracts/time-budget.ts'
import type { Doubt, DoubtedPieces, DoubtReading } from '../store/read-doubts.ts'
import type { ReconciliationDeps } from './deps.ts'
import { type Solution, solveDoubts } from './solve-doubts.ts'
import { stocksOf } from './stocks-of.ts'

/** Looks at goods that orders are moving; the next reconciliation comes to them again. */
const LOOKS = 3
const LOOK_AGAIN_MS = 500
/** Orders in doubt that the evidence about one goods names. */
const MAX_NAMED = 20

type Deps = Pick<ReconciliationDeps, 'ledger' | 'stockOf' | 'beat'> & { store: Pick<ReconciliationDeps['store'], 'readDoubts'> }

/** One look: the equations of the goods that nothing moved meanwhile, and why the others have none. */
interface Look {
  doubts: Doubt[]
  known: Map<number, DoubtedGoods>
  unknown: Map<number, UndecidedWhy>
}

/** Reasons by solutions that decide nothing. */
const WHY: Record<Exclude<Solution['kind'], 'decided'>, UndecidedWhy> = {
  ambiguous: 'ambiguous',
  contradicted: 'moved',
  unfinished: 'too-many',
}

/**
 * Finds out of the orders in doubt what the stock of their goods says: of each goods that nothing moves, the pieces of the baseline that are
 * neither in stock nor sold are those of the orders in doubt that were sold. An order gets a verdict only if it is the same in every choice
 * that explains the stock. All of it holds as long as nobody but orders moves the goods.
 * @param disturbed goods that another finding concerns: their stock says nothing
 * @param ripeAfterMs age from which on a call in doubt is applied or never will be, in milliseconds
 * @param lookAgainMs pause between two looks at goods that orders were moving
 */
export async function proposeVerdicts(
  deps: Deps,
  disturbed: ReadonlySet<number> = new Set(),
  { ripeAfterMs = DOUBT_RIPE_AFTER_MS, lookAgainMs = LOOK_AGAIN_MS } = {},
): Promise<DoubtsFound> {
  const proposed = new Map<string, ProposedVerdict>()
  let undecided: UndecidedDoubt[] = []
  for (let look = 1; look <= LOOKS; look++) {
    const { doubts, ...goods } = await lookAt(deps, disturbed, ripeAfterMs)
    const solutions = solveDoubts(doubts, new Map([...goods.known].map(([goodsId, { missing }]) => [goodsId, missing])))
    undecided = []
    for (const doubt of doubts) {
      // What one look decided is a fact about the past, and stays so while the row is the same.
      if (proposed.get(doubt.orderSn)?.version === doubt.version) continue
      const judged = judge(doubt, solutions.get(doubt.orderSn), goods)
      proposed.delete(doubt.orderSn)
      if (judged.kind === 'decided') proposed.set(doubt.orderSn, judged.verdict)
      else undecided.push(judged.doubt)
    }
    if (undecided.every(({ why }) => why !== 'in-flight') || look === LOOKS) break
    await sleep(lookAgainMs)
  }
  return { proposed: [...proposed.values()].sort((a, b) => (a.orderSn < b.orderSn ? -1 : 1)), undecided }
}

function judge(
  { orderSn, status, lines, version }: Doubt,
  solution: Solution | undefined,
  { known, unknown }: Pick<Look, 'known' | 'unknown'>,
): { kind: 'decided'; verdict: ProposedVerdict } | { kind: 'undecided'; doubt: UndecidedDoubt } {
  const order = { orderSn, effect: status === 'IN_DOUBT' ? 'Sell' : 'Reback' } as const
  const goodsIds = lines.map(({ goodsId }) => goodsId)
  if (solution?.kind === 'decided') {
    const evidence = goodsIds.flatMap((goodsId) => known.get(goodsId) ?? [])
    return { kind: 'decided', verdict: { ...order, verdict: solution.isSold ? 'sold' : 'notSold', version, evidence } }
  }
  const [why = 'other-finding'] = goodsIds.flatMap((goodsId) => unknown.get(goodsId) ?? [])
  const doubt = solution
    ? { ...order, why: WHY[solution.kind], goodsIds: goodsIds.filter((goodsId) => known.has(goodsId)) }
    : { ...order, why, goodsIds: goodsIds.filter((goodsId) => unknown.get(goodsId) === why) }
  return { kind: 'undecided', doubt }
}

async function lookAt(deps: Deps, disturbed: ReadonlySet<number>, ripeAfterMs: number): Promise<Look> {
  const { store, beat, ledger } = deps
  beat?.()
  const before = await store.readDoubts()
  if (before.doubts.length === 0) return { doubts: [], known: new Map(), unknown: new Map() }
  const asked = before.goods.filter(({ baseline }) => baseline !== null).map(({ goodsId }) => goodsId)
  const { stocks } = ledger ? { stocks: new Map<number, number>() } : await stocksOf(deps, asked)
  beat?.()
  const after = new Map((await store.readDoubts()).goods.map((pieces) => [pieces.goodsId, pieces]))

  const known = new Map<number, DoubtedGoods>()
  const unknown = new Map<number, UndecidedWhy>()
  const young = new Set(
    before.doubts.filter(({ idleMs }) => idleMs < ripeAfterMs).flatMap(({ lines }) => lines.map(({ goodsId }) => goodsId)),
  )
  for (const pieces of before.goods) {
    const { goodsId, baseline, sold } = pieces
    const stock = stocks.get(goodsId)
    if (ledger) unknown.set(goodsId, 'keeps-ledger')
    else if (young.has(goodsId)) unknown.set(goodsId, 'young')
    else if (baseline === null) unknown.set(goodsId, 'no-baseline')
    else if (disturbed.has(goodsId)) unknown.set(goodsId, 'other-finding')
    else if (pieces.moving > 0 || !isSame(pieces, after.get(goodsId))) unknown.set(goodsId, 'in-flight')
    else if (stock === undefined) unknown.set(goodsId, 'unaskable')
    else
      known.set(goodsId, { goodsId, baseline, stock, sold, missing: baseline - stock - sold, inDoubt: namesOf(goodsId, before) })
  }
  return { doubts: before.doubts, known, unknown }
}

/** No order that names the goods appeared or changed between two readings, nor did its baseline. */
function isSame(before: DoubtedPieces, after: DoubtedPieces | undefined): boolean {
  return before.fingerprint === after?.fingerprint && before.baseline === after.baseline
}

function namesOf(goodsId: number, { doubts }: DoubtReading): DoubtedGoods['inDoubt'] {
  const named = doubts.flatMap(({ orderSn, lines }) => {
    const num = lines.reduce((sum, line) => sum + (line.goodsId === goodsId ? line.num : 0), 0)
    return num > 0 ? [{ orderSn, num }] : []
  })
  return named.slice(0, MAX_NAMED)
}
