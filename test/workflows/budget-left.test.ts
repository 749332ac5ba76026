import assert from 'node:assert/strict'
import { ORDER_BUDGET_MS } from '../../contracts/time-budget.ts'
import { budgetLeft } from '../../workflows/budget-left.ts'

const NOW = Date.parse('2030-01-01T00:00:00.000Z')
const RUN = { runId: 'first', firstExecutionRunId: 'first' }

describe('the budget of an order', () => {
  it('is the whole if nothing was spent of it', () => {
    assert.equal(budgetLeft(RUN, NOW), ORDER_BUDGET_MS)
    assert.equal(budgetLeft({ ...RUN, memo: {} }, NOW), ORDER_BUDGET_MS)
  })

  it('is what its batch has left of it', () => {
    assert.equal(left('2030-01-01T00:00:12.345Z'), 12_345)
  })

  it('is nothing when it is over, and never less', () => {
    assert.equal(left('2030-01-01T00:00:00.000Z'), 0)
    assert.equal(left('2029-12-31T23:00:00.000Z'), 0)
  })

  it('is never more than the whole, whatever a memo says', () => {
    for (const memo of ['2999-01-01T00:00:00.000Z', '', 'tomorrow', 'NaN', 1e15, NOW, null, {}, [], true]) {
      assert.equal(left(memo), ORDER_BUDGET_MS, JSON.stringify(memo))
    }
  })

  it('is the whole again for a run that an operator has reset', () => {
    const memo = { budgetEndsAt: '2030-01-01T00:00:01.000Z' }
    assert.equal(budgetLeft({ ...RUN, runId: 'second', memo }, NOW), ORDER_BUDGET_MS)
  })
})

function left(budgetEndsAt: unknown): number {
  return budgetLeft({ ...RUN, memo: { budgetEndsAt } }, NOW)
}
