import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import type { Database } from '../../store/database.ts'
import type { OpenIntent } from '../../store/open-orders.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { confirmIn, openIn } from '../support/placed-order.ts'
import { connectTestStore } from '../support/test-store.ts'

const DAY_MS = 86_400_000
const KEEP_MS = 90 * DAY_MS
const BY = { by: 'a test', why: 'to see' }

describe('the recipient of an order', () => {
  let db: Database
  let store: OrderStore
  let users = 0

  before(async () => {
    db = await connectTestStore({ max: 10 })
    store = orderStore(db)
  })
  after(() => db.destroy())

  it('is not kept of an order that is refused, whenever and whyever it is', async () => {
    const voided = await opened()
    await store.voidOrders([{ orderSn: voided, refusal: failure('UserNotFound', 'nobody') }])
    const inProgress = await opened()
    const { user_id: userId } = await rowOf(inProgress)
    const [busy] = await store.openOrders([intent(userId), intent(userId)])
    const [empty] = await store.openOrders([{ ...intent(++users), lines: undefined } as unknown as OpenIntent])
    assert.deepEqual([busy?.order.refusal?.type, empty?.order.refusal?.type], ['OrderInProgress', 'EmptyCart'])
    for (const orderSn of [voided, busy?.order.orderSn ?? '', empty?.order.orderSn ?? ''])
      assert.deepEqual(await recipientOf(orderSn), [])
    assert.equal((await recipientOf(inProgress)).length, 3, 'one that is being created has it')
  })

  it('is kept while somebody may need it: of an unpaid and a paid order, and of one in doubt until that is resolved', async () => {
    const unpaid = await confirmed()
    const paid = await confirmed()
    await sql`update orders set status = 'TRADE_SUCCESS' where order_sn = ${paid}`.execute(db)
    const doubtful = await opened()
    await sql`update orders set status = 'IN_DOUBT', stock_state = 'in_doubt', keyed = false, sent_at = now() where order_sn = ${doubtful}`.execute(
      db,
    )
    await aged(unpaid, paid, doubtful)
    await store.forgetRecipients(KEEP_MS, 1_000)
    for (const orderSn of [unpaid, paid, doubtful]) assert.equal((await recipientOf(orderSn)).length, 3, orderSn)
    await store.resolveInDoubt({ orderSn: doubtful, verdict: 'notSold', ...BY })
    assert.deepEqual(await recipientOf(doubtful), [])
  })

  it('is forgotten some time after the order was closed or finished, those that ended first first, and nothing else of it', async () => {
    const young = await closed()
    const old = [await closed(), await closed(), await closed()]
    await aged(...old)
    await sql`update orders set closed_at = closed_at - interval '1 day' where order_sn = ${old[1]}`.execute(db)
    const before = await rowOf(old[1] ?? '')
    assert.equal(await store.forgetRecipients(KEEP_MS, 1), 1)
    assert.deepEqual(await Promise.all(old.map(async (one) => (await recipientOf(one)).length)), [3, 0, 3])
    assert.deepEqual(await rowOf(old[1] ?? ''), { ...before, address: null, name: null, mobile: null, post: null })
    assert.equal(await store.forgetRecipients(KEEP_MS, 1_000), 2)
    assert.equal(await store.forgetRecipients(KEEP_MS, 1_000), 0)
    assert.equal((await recipientOf(young)).length, 3)
    assert.equal(await store.forgetRecipients(0, 1_000), 1, 'it is a matter of the setting')
  })

  it('is forgotten of rows of before, refused ones at once, while others are held and orders go on being created', async () => {
    const [old, held] = [await opened(), await opened()]
    await store.voidOrders([old, held].map((orderSn) => ({ orderSn, refusal: failure('UserNotFound', 'nobody') })))
    await sql`update orders set address = 'a', name = 'b', mobile = 'c' where order_sn in (${old}, ${held})`.execute(db)
    await db.transaction().execute(async (trx) => {
      await sql`select from orders where order_sn = ${held} for update`.execute(trx)
      assert.equal(await store.forgetRecipients(KEEP_MS, 1_000), 1, 'it waits for nobody')
      assert.equal((await recipientOf(await opened())).length, 3)
    })
    assert.equal(await store.forgetRecipients(KEEP_MS, 1_000), 1)
    assert.deepEqual([await recipientOf(old), await recipientOf(held)], [[], []])
  })

  async function opened(): Promise<string> {
    return await openIn(store, ++users)
  }

  async function confirmed(): Promise<string> {
    const orderSn = await opened()
    await confirmIn(store, orderSn)
    return orderSn
  }

  async function closed(): Promise<string> {
    const orderSn = await confirmed()
    await store.closeOrder({ orderSn, ...BY }, 'cancelled')
    return orderSn
  }

  function intent(userId: number): OpenIntent {
    const orderSn = `ANOTHER${String.fromCharCode(65 + (userId % 26))}${'ABCDEFGH'.slice(0, 7)}${String.fromCharCode(65 + (++users % 26))}`
    const lines = [{ goodsId: 1, num: 1 }]
    return { orderSn, userId, requestId: orderSn, fingerprint: 'f', workflowId: 'w', address: 'a', name: 'b', mobile: 'c', lines }
  }

  async function aged(...orderSns: string[]): Promise<void> {
    const ago = sql`interval '91 days'`
    await sql`update orders set created_at = created_at - ${ago}, updated_at = updated_at - ${ago}, closed_at = closed_at - ${ago},
      confirmed_at = confirmed_at - ${ago} where order_sn = any(${orderSns}::text[])`.execute(db)
  }

  async function rowOf(orderSn: string) {
    return await db.selectFrom('orders').selectAll().where('order_sn', '=', orderSn).executeTakeFirstOrThrow()
  }

  async function recipientOf(orderSn: string): Promise<string[]> {
    const { address, name, mobile, post } = await rowOf(orderSn)
    return [address, name, mobile, post].filter((text) => text !== null)
  }
})
