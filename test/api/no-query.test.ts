import assert from 'node:assert/strict'
import { createApp } from '../../api/app.ts'
import { fakeParts, REQUEST } from './parts.ts'

describe('a route without query parameters', () => {
  for (const query of ['?a=1', '?a=1&a=2', '?userId=8&userId=9', '?__proto__=1&__proto__[x]=2', '?%zz', '?&&=']) {
    it(`answers as without them: ${query}`, async () => {
      const { parts, started } = fakeParts()
      const { app, stop } = await createApp(parts)
      const { requestId, ...payload } = REQUEST
      const headers = { 'idempotency-key': requestId }
      const answers = [
        await app.inject({ method: 'POST', url: `/orders${query}`, payload, headers }),
        await app.inject({ method: 'GET', url: `/users/7/cart/items${query}` }),
        await app.inject({ method: 'GET', url: `/healthz${query}` }),
      ]
      assert.deepEqual(
        answers.map(({ statusCode }) => statusCode),
        [201, 200, 200],
      )
      assert.deepEqual(
        started.map(({ userId, requestId }) => ({ userId, requestId })),
        [{ userId: REQUEST.userId, requestId }],
      )
      await stop()
    })
  }
})
