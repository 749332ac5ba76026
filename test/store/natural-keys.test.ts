import assert from 'node:assert/strict'
import { sql } from 'kysely'
import type { CreateOrderInput } from '../../contracts/create-order.ts'
import { failure } from '../../contracts/failures.ts'
import { naturalKeyOf } from '../../contracts/natural-key.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { type CartStore, cartStore } from '../../store/cart-store.ts'
import type { Database } from '../../store/database.ts'
import { naturalKeys } from '../../store/natural-keys.ts'
import { type OpenIntent, openOrders } from '../../store/open-orders.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { connectPatiently, testStore } from '../support/test-store.ts'
import { againstRival } from './rivals.ts'

const REFUSAL = failure('InsufficientStock', 'for a test')
const GOODS = 7

describe('the natural key of an order from the cart', () => {
  let db: Database
  /** The same, to bring carts to where no statement of the store leaves them. */
  let owner: Database
  let orders: OrderStore
  let carts: CartStore
  let users = 0
  let userId: number

  before(async () => {
    const urls = await testStore()
    db = connectPatiently(urls.app, { max: 20 })
    owner = connectPatiently(urls.owner)
    orders = orderStore(db)
    carts = cartStore(db)
  })
  beforeEach(() => {
    userId = ++users
  })
  after(() => Promise.all([db.destroy(), owner.destroy()]))

  it('is that of contracts/natural-key.ts, before anything is in the cart and after', async () => {
    const fingerprint = fingerprintOf(asked())
    assert.equal(await key(), naturalKeyOf({ revision: 0, fingerprint, spent: 0 }))
    await put(2)
    assert.equal(await key(), naturalKeyOf({ revision: 1, fingerprint, spent: 0 }))
  })

  for (const [edit, run] of [
    ['goods that are put there', () => carts.put(userId, { goodsId: GOODS + 1, num: 1, checked: true })],
    ['goods that are put there and not checked', () => carts.put(userId, { goodsId: GOODS + 1, num: 1, checked: false })],
    ['pieces that are added', () => carts.add(userId, { goodsId: GOODS, num: 1 })],
    ['another number of pieces', () => put(3)],
    ['another number of pieces, changed', () => carts.change(userId, GOODS, { num: 3 })],
    ['a check that is taken away', () => carts.change(userId, GOODS, { checked: false })],
    ['goods that are removed', () => carts.remove(userId, GOODS)],
    ['an edit by a build that knows no revision', () => editOfBefore()],
    [
      'goods that are put there by such a build',
      () => sql`insert into cart_items (user_id, goods_id, num) values (${userId}, 1, 1)`.execute(db),
    ],
  ] as const) {
    it(`becomes another one by ${edit}`, async () => {
      await put(2)
      const before = await key()
      await run()
      assert.notEqual(await key(), before)
    })
  }

  for (const [edit, run] of [
    ['goods that are put there as they are', () => put(2)],
    ['a change to what it was', () => carts.change(userId, GOODS, { num: 2, checked: true })],
    ['goods that are removed and were not there', () => carts.remove(userId, GOODS + 1)],
    ['goods that are changed and were not there', () => carts.change(userId, GOODS + 1, { num: 2 })],
    ['more pieces than may be in a cart', () => carts.add(userId, { goodsId: GOODS, num: 9_998 })],
    ["an edit of another user's cart", () => carts.put(++users, { goodsId: GOODS, num: 1, checked: true })],
  ] as const) {
    it(`stays what it was by ${edit}`, async () => {
      await put(2)
      const before = await key()
      await run()
      assert.equal(await key(), before)
    })
  }

  it('is one for all that ask at once, and another for other fields', async () => {
    await put(2)
    const keys = await Promise.all(Array.from({ length: 20 }, (_, i) => key(i % 2 ? { address: 'Elsewhere 2' } : {})))
    assert.deepEqual(new Set(keys).size, 2)
    assert.notEqual(keys[0], keys[1])
    const together = [asked(), asked({ post: 'ring twice' }), asked()].map((one) => ({ userId, fingerprint: fingerprintOf(one) }))
    const [first, second, third] = await orders.naturalKeys(together)
    assert.deepEqual([first, third], [keys[0], keys[0]])
    assert.notEqual(second, first)
  })

  it('stays that of an order that is confirmed, whatever that takes out of the cart', async () => {
    for (const left of [0, 3]) {
      await put(2)
      const order = await opened()
      if (left > 0)
        await db
          .updateTable('cart_items')
          .set({ num: 2 + left })
          .where('user_id', '=', userId)
          .execute()
      const before = await key()
      await confirm(order)
      assert.equal((await carts.get(userId, GOODS))?.num ?? 0, left)
      assert.equal(await key(), before)
      if (left === 0) assert.equal(before, order.requestId)
    }
  })

  it('stays that of an order that was cancelled, since it was no refusal of it', async () => {
    await put(2)
    const order = await opened()
    await confirm(order)
    await orders.closeOrder({ orderSn: order.orderSn, by: 'a test', why: 'to see' }, 'cancelled')
    assert.equal((await orders.getOrder(order.orderSn))?.status, 'TRADE_CLOSED')
    assert.equal(await key(), order.requestId)
  })

  it('is a new one after each refusal, of this request alone', async () => {
    await put(2)
    const other = await key({ address: 'Elsewhere 2' })
    const seen = new Set<string>()
    for (let i = 0; i < 40; i++) {
      const order = await opened()
      assert.equal(await key(), order.requestId, 'while it is being created')
      await orders.voidOrders([{ orderSn: order.orderSn, refusal: REFUSAL }])
      seen.add(order.requestId)
    }
    assert.equal(seen.size, 40)
    assert.ok(!seen.has(await key()))
    assert.equal(await key({ address: 'Elsewhere 2' }), other)
  })

  it('is a new one after a refusal that left no other row', async () => {
    await put(2)
    const order = await intent()
    await orders.voidOrders([{ orderSn: order.orderSn, refusal: REFUSAL, request: order }])
    assert.notEqual(await key(), order.requestId)
  })

  it('stays after EmptyCart, until the cart is edited', async () => {
    const order = await opened()
    assert.equal(order.refusal, 'EmptyCart')
    assert.equal(await key(), order.requestId)
    await put(1)
    assert.equal((await opened()).refusal, undefined)
  })

  it('begins anew with the revision, and nothing is left of the refusals before', async () => {
    await put(2)
    await orders.voidOrders([{ orderSn: (await opened()).orderSn, refusal: REFUSAL }])
    await key()
    assert.equal(await refusalsNoted(), 1)
    await put(3)
    assert.equal(await refusalsNoted(), 0)
    assert.match(await key(), /-0$/)
  })

  for (const refusals of [0, 2]) {
    it(`is not led astray by who reads the cart while it is edited${refusals > 0 ? ' and the next orders are refused' : ''}`, async () => {
      await put(2)
      for (let i = 0; i < 2; i++) await refuse(orders)
      await key()
      await refuse(orders)
      const slow = await againstRival(db, {
        async rival(trx) {
          await cartStore(trx).put(userId, { goodsId: GOODS, num: 3, checked: true })
          for (let i = 0; i < refusals; i++) await refuse(orderStore(trx))
          if (refusals > 0) await key({}, orderStore(trx))
        },
        ours: () => key(),
      })
      assert.equal(slow, naturalKeyOf({ revision: 1, fingerprint: fingerprintOf(asked()), spent: 3 }))
      assert.equal(await key(), naturalKeyOf({ revision: 2, fingerprint: fingerprintOf(asked()), spent: refusals }))
    })
  }

  it('is a new one if a caller has put another request under it', async () => {
    await put(2)
    const taken = await key()
    const forged = { ...asked({ lines: [{ goodsId: GOODS, num: 1 }] }), requestId: taken }
    await orders.openOrders([{ ...forged, orderSn: orderSnOf(forged), fingerprint: fingerprintOf(forged), workflowId: 'test' }])
    assert.notEqual(await key(), taken)
  })

  it('opens an order of its own revision alone; the refusal of another is final', async () => {
    await put(2)
    const stale = await intent()
    await put(3)
    const [first] = await orders.openOrders([stale])
    assert.deepEqual([first?.order.refusal?.type, first?.order.status, first?.lines], ['CartChanged', 'TRADE_CLOSED', []])
    const [again] = await orders.openOrders([stale])
    assert.deepEqual([again?.order.refusal?.type, again?.inserted], ['CartChanged', false])
    const order = await opened()
    assert.deepEqual([order.refusal, order.lines], [undefined, [{ goodsId: GOODS, num: 3 }]])
  })

  it('opens no order of a revision that is yet to come, nor of a cart of which no key was made', async () => {
    const fingerprint = fingerprintOf(asked())
    for (const revision of [0, 5]) {
      const request = { ...asked(), requestId: naturalKeyOf({ revision, fingerprint, spent: 0 }) }
      const [order] = await orders.openOrders([{ ...request, orderSn: orderSnOf(request), fingerprint, workflowId: 'test' }])
      assert.equal(order?.order.refusal?.type, 'CartChanged')
    }
  })

  it('is a plain key if it does not hold the fingerprint of the request, or comes with lines', async () => {
    await put(2)
    const lines = [{ goodsId: 3, num: 1 }]
    for (const [request, expected] of [
      [{ ...asked(), requestId: 'cart-9-0123456789abcdef-0' }, [{ goodsId: GOODS, num: 2 }]],
      [
        { ...asked({ lines }), requestId: naturalKeyOf({ revision: 9, fingerprint: fingerprintOf(asked({ lines })), spent: 0 }) },
        lines,
      ],
    ] as const) {
      const order: OpenIntent = {
        ...request,
        orderSn: orderSnOf(request),
        fingerprint: fingerprintOf(request),
        workflowId: 'test',
      }
      const [one] = await orders.openOrders([order])
      assert.deepEqual([one?.order.refusal, one?.lines], [undefined, expected])
      await orders.voidOrders([{ orderSn: order.orderSn, refusal: REFUSAL }])
    }
  })

  for (const [edit, run] of [
    ['puts goods into it', (trx) => cartStore(trx).put(userId, { goodsId: GOODS + 1, num: 1, checked: true })],
    ['adds pieces', (trx) => cartStore(trx).add(userId, { goodsId: GOODS, num: 1 })],
    ['takes goods out of it', (trx) => cartStore(trx).remove(userId, GOODS)],
  ] as [string, (trx: Database) => Promise<unknown>][]) {
    for (const isFirst of [true, false]) {
      it(`opens no order of a cart whose user ${edit} at that moment${isFirst ? ', for the first time since there are revisions' : ''}`, async () => {
        if (isFirst) await cartOfBefore()
        else await put(2)
        const order = await intent()
        const [one] = await againstRival(db, { rival: run, ours: () => orders.openOrders([order]) })
        assert.equal(one?.order.refusal?.type, 'CartChanged')
      })

      it(`lets a user who ${edit} wait for an order that is being opened${isFirst ? ' for the first time' : ''}`, async () => {
        if (isFirst) await cartOfBefore()
        else await put(2)
        const order = await intent()
        await againstRival(db, { rival: (trx) => openOrders(trx, [order]), ours: () => db.transaction().execute(run) })
        assert.equal((await orders.getOrder(order.orderSn))?.status, 'CREATING')
        assert.notEqual(await key(), order.requestId)
      })
    }
  }

  it('opens orders by locks on carts, then on revisions', async () => {
    const crowd = await crowdOf(12)
    const opening = await againstRival(db, {
      rival: (trx) => sql`select 1 from cart_items where user_id = ${crowd[11]?.userId} for update`.execute(trx),
      ours: () => orders.openOrders([...crowd, belowAll(crowd)]),
      meanwhile: (trx) => lockRevisions(trx, crowd),
    })
    assert.ok(opening.every(({ order }) => order.status === 'CREATING'))
  })

  it('opens orders by locks on revisions by user, then on orders, whatever the order of its arguments', async () => {
    const [low, ...others] = (await crowdOf(12)) as [OpenIntent, ...OpenIntent[]]
    const opening = await againstRival(db, {
      rival: (trx) => lockRevisions(trx, [low]),
      ours: () => orders.openOrders([low, ...others].reverse()),
      meanwhile: async (trx) => {
        await lockRevisions(trx, others)
        await openOrders(trx, [withLines(low.userId)])
      },
    })
    const refused = opening.filter(({ order }) => order.refusal).map(({ order }) => [order.userId, order.refusal?.type])
    assert.deepEqual(refused, [[low.userId, 'OrderInProgress']])
  })

  it('is made for many at once as refusals come, without a deadlock', async () => {
    const crowd = await crowdOf(40)
    await orders.openOrders(crowd)
    await orders.voidOrders(crowd.map(({ orderSn }) => ({ orderSn, refusal: REFUSAL })))
    const asking = crowd.map(({ userId, fingerprint }) => ({ userId, fingerprint }))
    const turns = Array.from({ length: 16 }, (_, i) => naturalKeys(db, i % 2 ? asking : [...asking].reverse()))
    const all = (await Promise.all(turns)).map((keys, i) => (i % 2 ? keys : [...keys].reverse()))
    for (const keys of all) assert.deepEqual(keys, all[0])
    assert.ok(all[0]?.every((one) => one.endsWith('-1')))
  })

  function asked(part: Partial<CreateOrderInput> = {}): CreateOrderInput {
    return { userId, address: 'Harbour Road 1', name: 'Somebody', mobile: '0100', ...part }
  }

  async function key(part: Partial<CreateOrderInput> = {}, store = orders): Promise<string> {
    const [key = ''] = await store.naturalKeys([{ userId, fingerprint: fingerprintOf(asked(part)) }])
    return key
  }

  async function intent(store = orders): Promise<OpenIntent> {
    const request = { ...asked(), requestId: await key({}, store) }
    return { ...request, orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'test' }
  }

  async function refuse(store: OrderStore): Promise<void> {
    const order = await intent(store)
    await store.openOrders([order])
    await store.voidOrders([{ orderSn: order.orderSn, refusal: REFUSAL }])
  }

  /** An order of this cart, as whoever sent no key gets it. */
  async function opened() {
    const order = await intent()
    const [one] = await orders.openOrders([order])
    return { ...order, refusal: one?.order.refusal?.type, lines: one?.lines }
  }

  /** Orders of as many users, by user. */
  async function crowdOf(size: number): Promise<OpenIntent[]> {
    const crowd = await Promise.all(Array.from({ length: size }, () => carted(++users)))
    return crowd.sort((a, b) => a.userId - b.userId)
  }

  /** An order without a cart whose number is below all of these, and which is opened ahead of them. */
  function belowAll(crowd: readonly OpenIntent[]): OpenIntent {
    for (let i = 0; ; i++) {
      const order = withLines(userId, `${i}`)
      if (crowd.every(({ orderSn }) => order.orderSn < orderSn)) return order
    }
  }

  function withLines(user: number, requestId = 'with lines'): OpenIntent {
    const request = { ...asked({ lines: [{ goodsId: 3, num: 1 }] }), userId: user, requestId }
    return { ...request, orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'test' }
  }

  async function carted(user: number): Promise<OpenIntent> {
    await carts.put(user, { goodsId: GOODS, num: 1, checked: true })
    const request = { ...asked(), userId: user }
    const fingerprint = fingerprintOf(request)
    const [requestId = ''] = await orders.naturalKeys([{ userId: user, fingerprint }])
    return { ...request, requestId, fingerprint, orderSn: orderSnOf({ userId: user, requestId }), workflowId: 'test' }
  }

  async function confirm({
    orderSn,
    lines = [],
  }: {
    orderSn: string
    lines?: readonly { goodsId: number; num: number }[] | undefined
  }) {
    const priced = lines.map((line) => ({ ...line, name: 'Tea', image: '/tea.png', price: { amount: 100, currency: 'CNY' } }))
    await orders.confirmOrders([{ orderSn, total: 100, lines: priced }])
  }

  async function put(num: number): Promise<void> {
    await carts.put(userId, { goodsId: GOODS, num, checked: true })
  }

  /** A cart that was filled before there were revisions. */
  async function cartOfBefore(): Promise<void> {
    await put(2)
    await owner.deleteFrom('cart_revisions').where('user_id', '=', userId).execute()
  }

  /** The statement by which the release before changes an item. */
  async function editOfBefore(): Promise<void> {
    await sql`update cart_items set num = coalesce(4, num), checked = coalesce(null, checked) where user_id = ${userId}`.execute(
      db,
    )
  }

  async function refusalsNoted(): Promise<number> {
    return (await db.selectFrom('cart_refusals').selectAll().where('user_id', '=', userId).execute()).length
  }
})

async function lockRevisions(db: Database, orders: readonly OpenIntent[]): Promise<void> {
  await sql`select 1 from cart_revisions where user_id = any(${orders.map(({ userId }) => userId)}) for update`.execute(db)
}
