import { anyInteger, anyText, FLAG, flag, oneOf } from '../contracts/kinds.ts'
import { MISMATCHES, REPAIR_VERBS, UNDECIDED } from '../contracts/reconciliation.ts'
import { body, ifKnown, list, type Schema, type TypeOf } from '../contracts/schema.ts'

const NUMBER = anyText({ description: 'The number of the order.' })
const GOODS = anyInteger({ description: 'The goods.' })
const DOUBTED_CALL = oneOf(['Sell', 'Reback'], 'The call that is in doubt.')

/** Pieces of one goods by which two accounts differ: below 0 as well. */
const UNITS = body('Units', { goodsId: GOODS, num: anyInteger() })

const DOUBTED_PIECES = body('DoubtedPieces', { orderSn: NUMBER, num: anyInteger() })

const DOUBTED_GOODS = body(
  'DoubtedGoods',
  {
    goodsId: GOODS,
    baseline: anyInteger(),
    stock: anyInteger(),
    sold: anyInteger({ description: 'By orders that stand.' }),
    missing: anyInteger(),
    inDoubt: list(DOUBTED_PIECES, { description: 'Orders in doubt that name the goods, at most 20.' }),
  },
  {
    description:
      'The pieces of one goods while nothing moves it: missing = baseline - stock - sold are those that the orders in doubt hold.',
  },
)

const PROPOSED = {
  orderSn: NUMBER,
  effect: DOUBTED_CALL,
  verdict: oneOf(['sold', 'notSold'], 'Whether the inventory still counts its pieces as sold.'),
  version: anyText({ description: 'The state of the order for which this holds.' }),
  evidence: list(DOUBTED_GOODS, { description: 'The goods whose stock says so.' }),
}

const PROPOSED_VERDICT = body('ProposedVerdict', PROPOSED)

const TAKEN_VERDICT = body('TakenVerdict', {
  ...PROPOSED,
  done: flag({ description: 'Whether it settled the order.' }),
})

const UNDECIDED_DOUBT = body('UndecidedDoubt', {
  orderSn: NUMBER,
  effect: DOUBTED_CALL,
  why: oneOf(keysOf(UNDECIDED), 'Why the stock does not decide it.'),
  goodsIds: list(GOODS),
})

/** Orders in doubt that their stock decides, and those that it does not. */
export const RESOLVED_PROPOSED = body('ProposedVerdicts', {
  applied: flag({ description: 'False: nothing was changed, the verdicts are only proposed.' }),
  verdicts: list(TAKEN_VERDICT),
  undecided: list(UNDECIDED_DOUBT),
})
export type ResolvedProposed = TypeOf<typeof RESOLVED_PROPOSED>

const MISMATCH_COUNT = body('MismatchCount', {
  units: anyInteger({ description: 'Pieces, without their signs.' }),
  findings: anyInteger(),
})

const INTEGER_IF_KEPT: Schema<number | null> = {
  json: { type: ['integer', 'null'], description: "Sold and not given back, by the inventory's ledger; null: it keeps none." },
  read: (value) => value as number | null,
}

const EQUATION = body('Equation', {
  goodsId: GOODS,
  sold: anyInteger({ description: 'By orders that stand.' }),
  onTheWay: anyInteger({ description: 'Taken, or perhaps taken, by orders that a run is settling at this moment.' }),
  ledger: INTEGER_IF_KEPT,
  unexplained: anyInteger(),
  stock: ifKnown(anyInteger()),
  baseline: ifKnown(anyInteger()),
  drift: ifKnown(anyInteger()),
})

const FINDING = body('Finding', {
  kind: oneOf(keysOf(MISMATCHES), 'What is wrong.'),
  orderSn: ifKnown(NUMBER),
  units: list(UNITS, { description: 'Per goods, the pieces that the inventory took beyond what the orders account for.' }),
  repair: ifKnown(oneOf(REPAIR_VERBS, 'What mends it; absent if a person has to decide.')),
  advice: ifKnown(anyText()),
})

const REPAIRED = body('Repaired', { orderSn: ifKnown(NUMBER), done: FLAG, told: anyText() })

/** A comparison, what was repaired, and whether nothing is left to explain. */
export const RECONCILED = body('Reconciled', {
  mode: oneOf(['keyed', 'unkeyed'], 'How the inventory books.'),
  orders: anyInteger({ description: 'Orders that were compared.' }),
  explained: FLAG,
  unexplained: body('MismatchCounts', counts(keysOf(MISMATCHES), MISMATCH_COUNT)),
  orderSns: list(NUMBER, { description: 'Some of the orders concerned, at most 20.' }),
  doubts: ifKnown(
    body('DoubtCounts', {
      proposed: anyInteger(),
      undecided: body('UndecidedCounts', counts(keysOf(UNDECIDED), ifKnown(anyInteger()))),
    }),
  ),
  lookedUpTo: ifKnown(anyText({ format: 'date-time', description: 'The runs that ended before then were looked through.' })),
  proposed: list(PROPOSED_VERDICT),
  undecided: list(UNDECIDED_DOUBT),
  equations: list(EQUATION),
  findings: list(FINDING, { description: 'At most 1,000; all are counted in unexplained.' }),
  repaired: list(REPAIRED),
})
export type Reconciled = TypeOf<typeof RECONCILED>

/** The goods of which a baseline was taken. */
export const TAKEN_BASELINE = body('TakenBaseline', {
  taken: list(GOODS),
  moving: list(GOODS, { description: 'Goods that orders were moving: try these again.' }),
})

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(table) as Key[]
}

/** The same field by each of these names. */
function counts<Key extends string, Field extends Schema<unknown>>(keys: readonly Key[], field: Field): Record<Key, Field> {
  return Object.fromEntries(keys.map((key) => [key, field])) as Record<Key, Field>
}
