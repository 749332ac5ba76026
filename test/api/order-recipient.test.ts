import assert from 'node:assert/strict'
import { failureOf } from '../../contracts/application-failure.ts'
import type { OrderRequest } from '../../contracts/create-order.ts'
import { failure } from '../../contracts/failures.ts'
import { fingerprintOf } from '../../contracts/order-sn.ts'
import type { OrderSlip } from '../../store/order-slips.ts'
import { appOf, CONFIRMED, fakeParts, ORDER_SN, ordersThatSay, REQUEST } from './parts.ts'

const RECIPIENT = { address: '9 Cipher Crescent', name: 'Wilhelmina', mobile: '+99-5550' }
const SLIP: OrderSlip = {
  ...{ id: 1, orderSn: ORDER_SN, knownAs: ORDER_SN, userId: 7, status: 'PAYING', isDeleted: false },
  ...{ address: '', name: '', mobile: '', post: '' },
  sealed: 's1.…',
}

describe('GET /orders/{orderSn}/recipient', () => {
  const url = `/orders/${ORDER_SN}/recipient`
  /** Records and openings, in their order. */
  let done: string[]
  const shop = (slip: OrderSlip | undefined, opens: () => Promise<typeof RECIPIENT | undefined> = async () => RECIPIENT) => {
    done = []
    return appOf({
      slips: { orderSlip: async (name) => ('orderSn' in name && name.orderSn === ORDER_SN ? slip : undefined) },
      recipientLog: {
        async logRecipientRead({ orderSn, userId, by }) {
          done.push(`${by} read ${orderSn} of ${userId}`)
        },
      },
      unseal: opens,
      authenticate: () => ({ kind: 'service', subject: 'packing', scopes: new Set(['orders:support']) }),
    })
  }

  it('opens the recipient for whoever sends the goods, and records who looked', async () => {
    const { app } = await shop(SLIP)
    const answer = await app.inject(url)
    assert.deepEqual([answer.statusCode, answer.json()], [200, RECIPIENT])
    assert.deepEqual(done, [`packing read ${ORDER_SN} of 7`])
    assert.equal(answer.headers['cache-control'], 'no-store')
  })

  it('shows one of before, which is in clear', async () => {
    const { sealed: _, ...slip } = SLIP
    const { app } = await shop({ ...slip, ...RECIPIENT, post: 'ring' })
    assert.deepEqual((await app.inject(url)).json(), { ...RECIPIENT, post: 'ring' })
  })

  it('is 410 if the recipient was erased or is not kept any more, and 404 without an order; nothing is recorded then', async () => {
    const { sealed: _, ...without } = SLIP
    for (const [slip, status, type] of [
      [SLIP, 410, 'RecipientErased'],
      [without, 410, 'RecipientErased'],
      [undefined, 404, 'OrderNotFound'],
      [{ ...SLIP, isDeleted: true }, 404, 'OrderNotFound'],
    ] as const) {
      const answer = await (await shop(slip, async () => undefined)).app.inject(url)
      assert.deepEqual([answer.statusCode, answer.json().failure], [status, type])
      assert.deepEqual(done, [])
    }
    assert.equal((await (await shop(SLIP)).app.inject('/orders/NONE/recipient')).statusCode, 404)
  })

  it('shows nothing that it could not record, and is 503 while the keys are away', async () => {
    const recipientLog = {
      async logRecipientRead() {
        throw new Error('the connection is lost')
      },
    }
    const { app } = await appOf({ slips: { orderSlip: async () => SLIP }, recipientLog, unseal: async () => RECIPIENT })
    const unrecorded = await app.inject(url)
    assert.equal(unrecorded.statusCode, 503)
    assert.ok(!unrecorded.body.includes(RECIPIENT.name))
    const away = failureOf(failure('ServiceUnavailable', 'the keys are away', { service: 'recipient-keys' }))
    const locked = await (await shop(SLIP, () => Promise.reject(away))).app.inject(url)
    assert.deepEqual([locked.statusCode, locked.json().service], [503, 'recipient-keys'])
    assert.deepEqual(done, [])
  })
})

describe('an intake that seals', () => {
  const seal = async ({ address: _, name: __, mobile: ___, post: ____, ...others }: typeof REQUEST): Promise<OrderRequest> => ({
    ...others,
    sealed: 's1.sealed',
    fingerprints: [fingerprintOf(REQUEST)],
  })

  it('hands the runs a request without its recipient', async () => {
    const { post, started } = await appOf({ seal })
    assert.equal((await post()).statusCode, 201)
    const [request] = started
    assert.deepEqual(request, {
      userId: 7,
      requestId: 'key-1',
      lines: REQUEST.lines,
      sealed: 's1.sealed',
      fingerprints: [fingerprintOf(REQUEST)],
    })
  })

  it('hands the store none either, when it records an order itself', async () => {
    const opened: object[] = []
    const orders = ordersThatSay(undefined)
    const { post } = await appOf({
      seal,
      orders: {
        ...orders,
        async openOrders(intents) {
          opened.push(...intents)
          return await orders.openOrders(intents)
        },
      },
      runs: { ...fakeParts().parts.runs, start: async () => undefined },
    })
    assert.equal((await post()).statusCode, 202)
    assert.ok(opened.length === 1 && !JSON.stringify(opened).includes(REQUEST.name))
  })

  it('knows a repeat by its fields, and refuses another recipient under the same key', async () => {
    const { post } = await appOf({ seal, orders: ordersThatSay(CONFIRMED) })
    assert.equal((await post()).statusCode, 201)
    const other = await appOf({
      seal: async (request) => ({ ...(await seal(request as typeof REQUEST)), fingerprints: [fingerprintOf(request)] }),
      orders: ordersThatSay(CONFIRMED),
    })
    assert.equal((await other.post({ ...REQUEST, mobile: '1' })).json().failure, 'IdempotencyKeyReused')
  })

  it('starts nothing while its keys are away', async () => {
    const away = failureOf(failure('ServiceUnavailable', 'the keys are away', { service: 'recipient-keys' }))
    const { post, started } = await appOf({ seal: () => Promise.reject(away) })
    const answer = await post()
    assert.deepEqual([answer.statusCode, answer.json().service, started.length], [503, 'recipient-keys', 0])
  })
})
