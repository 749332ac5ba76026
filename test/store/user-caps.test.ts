import assert from 'node:assert/strict'
import type { Line } from '../../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { cartStore } from '../../store/cart-store.ts'
import { confirmOrders } from '../../store/confirm-orders.ts'
import type { Database } from '../../store/database.ts'
import { type OpenIntent, openOrders } from '../../store/open-orders.ts'
import { connectTestStore } from '../support/test-store.ts'
import { againstRival } from './rivals.ts'

const NONE = { unpaidOrders: 0, unpaidPieces: 0, unpaidValue: 0 }
const CAPS = { ...NONE, unpaidOrders: 3 }

describe('what a user may hold unpaid', () => {
  let db: Database
  let users = 0

  before(async () => {
    db = await connectTestStore()
  })
  after(() => db.destroy())

  let keys = 0
  function intentOf(userId: number, lines: Line[] | undefined = [{ goodsId: 7, num: 1 }]): OpenIntent {
    const request = { userId, requestId: `key-${++keys}`, address: '1 Harbour Road', name: 'A. Buyer', mobile: '1' }
    const asked = { ...request, ...(lines.length > 0 && { lines }) }
    return { ...asked, orderSn: orderSnOf(asked), fingerprint: fingerprintOf(asked), workflowId: `create-order/${keys}` }
  }
  const price = { amount: 100, currency: 'CNY' }
  const confirmationOf = ({ orderSn }: OpenIntent, lines: Line[]) => ({
    ...{ orderSn, keyed: true, total: lines.reduce((sum, { num }) => sum + num * 100, 0) },
    lines: lines.map((line) => ({ ...line, name: 'Tea', image: '', price })),
  })

  /** Opens an order, and confirms it if it was opened. @returns why it was refused */
  async function place(intent: OpenIntent, caps = CAPS): Promise<string | undefined> {
    const [opened] = await openOrders(db, [intent], caps)
    if (opened?.order.status !== 'CREATING') return opened?.order.refusal?.type
    await confirmOrders(db, [confirmationOf(intent, opened.lines)])
    return undefined
  }
  const unpaidOf = async (userId: number) =>
    (await db.selectFrom('orders').select('order_sn').where('user_id', '=', userId).where('status', '=', 'PAYING').execute())
      .length

  it('is so many orders: one more is refused, for ever under its key, until one is closed; nobody else is counted', async () => {
    const [userId, other] = [++users, ++users]
    const intents = Array.from({ length: 4 }, () => intentOf(userId))
    const answers: (string | undefined)[] = []
    for (const intent of intents) answers.push(await place(intent))
    assert.deepEqual(answers, [undefined, undefined, undefined, 'UnpaidOrdersLimit'])
    assert.equal(await place(intentOf(other)), undefined)

    await db
      .updateTable('orders')
      .set({ status: 'TRADE_CLOSED' })
      .where('order_sn', '=', intents[0]?.orderSn ?? '')
      .execute()
    assert.equal(await place(intents[3] as OpenIntent), 'UnpaidOrdersLimit', 'its key is refused for ever')
    assert.equal(await place(intents[1] as OpenIntent), undefined, 'a repeat of an order that stands is answered')
    assert.equal(await place(intentOf(userId)), undefined)
    assert.equal(await place(intentOf(userId)), 'UnpaidOrdersLimit')
  })

  it('counts no order twice, nor one that is paid, nor one that its owner hid as gone', async () => {
    const userId = ++users
    const intents = Array.from({ length: 3 }, () => intentOf(userId))
    for (const intent of intents) await place(intent)
    const set = (sn: OpenIntent | undefined, to: object) =>
      db
        .updateTable('orders')
        .set(to)
        .where('order_sn', '=', sn?.orderSn ?? '')
        .execute()
    await set(intents[0], { deleted_at: new Date() })
    assert.equal(await place(intentOf(userId)), 'UnpaidOrdersLimit', 'it holds its stock still')
    await set(intents[1], { status: 'WAIT_BUYER_PAY' })
    assert.equal(await place(intentOf(userId)), 'UnpaidOrdersLimit', 'its payment was begun, and has not come')
    await set(intents[1], { status: 'TRADE_SUCCESS' })
    assert.equal(await place(intentOf(userId)), undefined)
  })

  it('is so many pieces, of all goods and orders together, of carts as well', async () => {
    const userId = ++users
    const caps = { ...NONE, unpaidPieces: 10 }
    assert.equal(await place(intentOf(userId, [{ goodsId: 7, num: 11 }]), caps), 'UnpaidPiecesLimit')
    const both = [
      { goodsId: 7, num: 3 },
      { goodsId: 8, num: 4 },
    ]
    assert.equal(await place(intentOf(userId, both), caps), undefined)
    await cartStore(db).put(userId, { goodsId: 9, num: 4, checked: true })
    assert.equal(await place(intentOf(userId, []), caps), 'UnpaidPiecesLimit')
    await cartStore(db).put(userId, { goodsId: 9, num: 3, checked: true })
    assert.equal(await place(intentOf(userId, []), caps), undefined)
    assert.equal(await place(intentOf(userId, []), caps), 'EmptyCart')
  })

  it('is worth so much: an order says when it is opened what it may come to, and none is opened from there on', async () => {
    const userId = ++users
    const caps = { ...NONE, unpaidValue: 500 }
    const mayCost = async (...intents: OpenIntent[]) => (await openOrders(db, intents, caps)).map((one) => one.mayCost)
    assert.equal(await place(intentOf(userId, [{ goodsId: 7, num: 4 }]), caps), undefined)
    const [last, beside, other] = [intentOf(userId), intentOf(userId), intentOf(++users)]
    assert.deepEqual(await mayCost(last, beside, other), [100, undefined, 500])
    assert.deepEqual(await mayCost(last), [100], 'to whoever opens it again as well')
    await confirmOrders(db, [confirmationOf(last, [{ goodsId: 7, num: 1 }])])
    assert.equal(await place(intentOf(userId), caps), 'UnpaidOrdersLimit')
    const [free] = await openOrders(db, [intentOf(++users)], NONE)
    assert.equal(free?.mayCost, undefined, 'without a cap it may come to anything')
  })

  it('names its setting if it is refused', async () => {
    const userId = ++users
    assert.equal(await place(intentOf(userId), NONE), undefined)
    for (const [cap, setting] of [
      ['unpaidOrders', 'USER_MAX_UNPAID_ORDERS=1'],
      ['unpaidPieces', 'USER_MAX_UNPAID_PIECES=1'],
      ['unpaidValue', 'USER_MAX_UNPAID_VALUE=1'],
    ] as const) {
      const [refused] = await openOrders(db, [intentOf(userId)], { ...NONE, [cap]: 1 })
      assert.ok(refused?.order.refusal?.message.includes(` (${setting}): `), refused?.order.refusal?.message)
    }
  })

  it('is not exceeded by several orders of one batch', async () => {
    for (const caps of [
      { ...NONE, unpaidOrders: 1 },
      { ...NONE, unpaidPieces: 2 },
    ]) {
      const userId = ++users
      const batch = Array.from({ length: 3 }, () => intentOf(userId, [{ goodsId: 7, num: 2 }]))
      const opened = await openOrders(db, batch, caps)
      assert.deepEqual(opened.map(({ order }) => order.refusal?.type).sort(), ['OrderInProgress', 'OrderInProgress', undefined])
    }
  })

  it('is not exceeded by two at once, though the first is confirmed while the second waits', async () => {
    const userId = ++users
    const [first, second] = [intentOf(userId), intentOf(userId)]
    const caps = { ...NONE, unpaidOrders: 1 }
    const [opened] = await againstRival(db, {
      rival: (trx) => openOrders(trx, [first], caps),
      ours: () => openOrders(db, [second], caps),
      meanwhile: (trx) => confirmOrders(trx, [confirmationOf(first, [{ goodsId: 7, num: 1 }])]),
    })
    assert.equal(opened?.order.refusal?.type, 'UnpaidOrdersLimit')
  })

  it('counts an order that is being created, but refuses no other for ever because of it: it may fail', async () => {
    const userId = ++users
    const caps = { ...NONE, unpaidOrders: 1 }
    const [first, second] = [intentOf(userId), intentOf(userId, [])]
    await openOrders(db, [first], caps)
    const [beside] = await openOrders(db, [intentOf(userId)], caps)
    assert.equal(beside?.order.refusal?.type, 'OrderInProgress')
    // The first is confirmed behind our count, and no longer stands in our way when ours is inserted.
    await cartStore(db).put(userId, { goodsId: 9, num: 1, checked: true })
    await againstRival(db, {
      rival: (trx) => trx.selectFrom('cart_items').selectAll().where('user_id', '=', userId).forUpdate().execute(),
      ours: () => openOrders(db, [second], caps),
      meanwhile: () => confirmOrders(db, [confirmationOf(first, [{ goodsId: 7, num: 1 }])]),
    })
    assert.equal(await unpaidOf(userId), 1)
    const [kept] = await openOrders(db, [second], caps)
    assert.equal(kept?.order.refusal?.type, 'OrderInProgress')
  })

  it('is not exceeded by many at once, alone and in batches', async () => {
    const userId = ++users
    const refusals = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const answers: (string | undefined)[] = []
        for (let i = 0; i < 10; i++) answers.push(await place(intentOf(userId)))
        return answers
      }),
    )
    assert.equal(await unpaidOf(userId), CAPS.unpaidOrders)
    for (const type of refusals.flat()) assert.match(type ?? 'confirmed', /^(confirmed|OrderInProgress|UnpaidOrdersLimit)$/)
    const batch = await openOrders(db, [intentOf(userId), intentOf(++users), intentOf(userId)], CAPS)
    assert.deepEqual(
      batch.map(({ order }) => order.refusal?.type),
      ['UnpaidOrdersLimit', undefined, 'UnpaidOrdersLimit'],
    )
  })

  it('is any number by default', async () => {
    const userId = ++users
    for (let i = 0; i < 5; i++) assert.equal(await place(intentOf(userId), NONE), undefined)
  })
})
