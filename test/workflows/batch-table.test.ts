import assert from 'node:assert/strict'
import { failure } from '../../contracts/failures.ts'
import type { BatchOrder } from '../../workflows/batch.ts'
import { batchTable } from '../../workflows/batch-table.ts'

describe('the table of a batch in the web UI', () => {
  it('has a row for each order, in which nothing that a caller or a service wrote is Markdown', () => {
    const workflowId = 'create-order/7/` ![p](https://evil.example/p.png) | [x](https://evil.example)\n'
    const handedOver = { state: 'handedOver', workflowId, reason: 'step_failed', why: 'Error: `|` <img src=x>' }
    const refused = { state: 'refused', refusal: failure('EmptyCart', 'no goods') }
    const all = [handedOver, refused, undefined].map((outcome) => ({ outcome })) as unknown as BatchOrder[]
    assert.deepEqual(batchTable({ all }).split('\n').slice(2), [
      '|  | handedOver | `create-order/7/\uFFFD ![p](https://evil.example/p.png) \uFFFD [x](https://evil.example)\uFFFD` (`Error: \uFFFD\uFFFD\uFFFD <img src=x>`) |',
      '|  | refused | `EmptyCart` |',
      '|  | on the way |  |',
    ])
  })
})
