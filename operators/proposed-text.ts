import { UNDECIDED, type UndecidedDoubt } from '../contracts/reconciliation.ts'
import { evidenceText } from '../reconciliation/evidence-text.ts'
import type { TakenVerdict } from '../reconciliation/take-verdicts.ts'
import type { ResolvedProposed } from './reconciled.ts'
import { textTable } from './text-table.ts'

/** Verdicts about orders in doubt as text, each with its evidence, then the orders that have none, each with the reason. */
export function proposedText({ applied, verdicts, undecided }: ResolvedProposed): string {
  const outcomeOf = ({ done, verdict }: TakenVerdict) => {
    if (!applied) return verdict === 'sold' ? 'would be closed, and its stock given back' : 'would be closed, and owe nothing'
    if (!done) return 'left alone: it has changed since it was looked at'
    return verdict === 'sold' ? 'closed, its stock is being given back' : 'closed, it owes nothing'
  }
  return [
    verdicts.length > 0
      ? textTable<TakenVerdict>(
          [
            { head: 'order', of: ({ orderSn }) => orderSn },
            { head: 'in doubt', of: ({ effect }) => effect },
            { head: 'verdict', of: ({ verdict }) => (verdict === 'sold' ? 'sold' : 'not sold') },
            { head: 'outcome', of: outcomeOf },
            { head: 'because', of: ({ evidence }) => evidenceText(evidence) },
          ],
          verdicts,
        )
      : 'the stock decides no order in doubt',
    ...(undecided.length > 0
      ? [
          '',
          'undecided',
          textTable<UndecidedDoubt>(
            [
              { head: 'order', of: ({ orderSn }) => orderSn },
              { head: 'in doubt', of: ({ effect }) => effect },
              { head: 'goods', of: ({ goodsIds }) => goodsIds.join(', ') },
              { head: 'why', of: ({ why }) => UNDECIDED[why] },
            ],
            undecided,
          ),
        ]
      : []),
    ...(verdicts.length > 0 && !applied ? ['', '--apply settles them so'] : []),
  ].join('\n')
}
