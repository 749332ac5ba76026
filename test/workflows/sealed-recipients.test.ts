import assert from 'node:assert/strict'
import proto from '@temporalio/proto'
import { readPayloadKeys } from '../../codec/payload-keys.ts'
import { ReloadedFile } from '../../codec/reloaded-file.ts'
import type { NamedRequest, OrderInput } from '../../contracts/create-order.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import { Fingerprints } from '../../contracts/fingerprints.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { FileKeyWrapping } from '../../recipients/file-key-wrapping.ts'
import { Recipients } from '../../recipients/recipients.ts'
import { orderStore } from '../../store/order-store.ts'
import { recipientStore } from '../../store/recipients/recipient-store.ts'
import { LaneShop, SOLD_OUT } from '../support/lane-shop.ts'
import { keysFile } from '../support/payload-keys.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

const { History } = proto.temporal.api.history.v1
const FINGERPRINTS = new Fingerprints(() => [{ id: 'k1', secret: Buffer.alloc(32, 1) }])
const RECIPIENT = { address: '9 Cipher Crescent', name: 'Wilhelmina', mobile: '+99-5550-80777' }

describe('runs with sealed recipients', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>
  let shop: LaneShop
  let recipients: Recipients

  before(async () => {
    parts = await connectParts()
    shop = await LaneShop.open()
    const wrapping = new FileKeyWrapping(new ReloadedFile(await keysFile('runs'), readPayloadKeys, assert.fail))
    const sealing = { store: recipientStore(shop.db), wrapping, fingerprints: FINGERPRINTS }
    recipients = new Recipients({ ...sealing, seals: true, onProblem: assert.fail })
  })

  after(async () => {
    await shop.db.destroy()
    await parts.close()
  })

  it('create the same orders, in the lane and alone, beside orders in clear, and no history holds a recipient, nor what its phone number could be tried out of', async () => {
    const [one, soldOut, clear, alone] = [asked(1), asked(2, SOLD_OUT), asked(3), asked(4)]
    const other = { ...one, mobile: 'another' }
    await withWorker(parts, shop.activities(orderStore(shop.db, { fingerprints: FINGERPRINTS })), async (begin) => {
      const batch = async (...inputs: OrderInput[]) => {
        const handle = await begin('createOrders', inputs)
        const ended = await outcome<BatchOutcome[]>(handle)
        assert.ok('result' in ended, JSON.stringify(ended))
        return { states: ended.result.map((order) => (order.state === 'refused' ? order.refusal.type : order.state)), handle }
      }
      const seal = async (request: NamedRequest) => await recipients.seal(request)
      const first = await batch(await seal(one), await seal(soldOut))
      assert.deepEqual(first.states, ['confirmed', 'InsufficientStock'])
      assert.deepEqual((await batch(clear)).states, ['confirmed'])
      const repeat = await batch(await seal(one))
      assert.deepEqual(repeat.states, ['confirmed'], 'sealed anew, it is the same order')
      assert.deepEqual((await batch(await seal(other))).states, ['IdempotencyKeyReused'])
      const single = await begin('createOrder', await seal(alone))
      assert.ok('result' in (await outcome(single)))
      for (const handle of [first.handle, repeat.handle, single]) {
        const history = Buffer.from(History.encode(await handle.fetchHistory()).finish()).toString('latin1')
        assert.ok(history.includes('sealed'))
        assert.ok(history.includes('"encrypted.k1.'))
        const plain = [one, soldOut, alone].map((request) => fingerprintOf(request))
        for (const text of [...Object.values(RECIPIENT), ...plain]) assert.ok(!history.includes(text), text)
      }
    })
    for (const request of [one, alone]) {
      const slip = await shop.store.orderSlip({ kind: 'number', orderSn: orderSnOf(request) })
      assert.deepEqual(await recipients.unseal(slip?.sealed ?? '', slip ?? assert.fail()), RECIPIENT)
    }
    assert.equal((await shop.store.orderSlip({ kind: 'number', orderSn: orderSnOf(soldOut) }))?.sealed, undefined)
    assert.equal((await shop.store.orderSlip({ kind: 'number', orderSn: orderSnOf(clear) }))?.name, RECIPIENT.name)
    assert.deepEqual(await shop.violations(), [])
  })

  function asked(userId: number, goodsId = 1): NamedRequest {
    return { ...RECIPIENT, userId, requestId: `sealed ${process.pid} ${userId} ${Date.now()}`, lines: [{ goodsId, num: 1 }] }
  }
})
