import assert from 'node:assert/strict'
import { parseOrderSn } from '../../contracts/order.ts'
import { isOwn } from '../../workflows/is-own.ts'

const OPEN = { state: 'open' as const, orderSn: parseOrderSn('A'.repeat(16)), lines: [] }
const FIRST = { runId: 'a', firstExecutionRunId: 'a' }
const parent = { workflowId: 'create-orders/1', runId: 'b', namespace: 'default' }

describe('a run counts as the first of its order', () => {
  const cases: [string, Parameters<typeof isOwn>, boolean][] = [
    ['if it opened the order', [{ ...OPEN, inserted: true }, FIRST], true],
    ['not if it found the order there', [{ ...OPEN, openedBy: 'create-order/1/key' }, FIRST], false],
    ['not if nobody says who opened the order', [OPEN, { ...FIRST, parent }], false],
    [
      'if the batch opened the order that started the run as its child',
      [
        { ...OPEN, openedBy: parent.workflowId },
        { ...FIRST, parent },
      ],
      true,
    ],
    [
      'not if another batch did',
      [
        { ...OPEN, openedBy: 'create-orders/2' },
        { ...FIRST, parent },
      ],
      false,
    ],
    [
      'not if it was reset: it has ended once',
      [
        { ...OPEN, inserted: true },
        { ...FIRST, runId: 'c' },
      ],
      false,
    ],
    [
      'not if it was reset as a child',
      [
        { ...OPEN, openedBy: parent.workflowId },
        { ...FIRST, runId: 'c', parent },
      ],
      false,
    ],
  ]
  for (const [when, args, expected] of cases) it(when, () => assert.equal(isOwn(...args), expected))
})
