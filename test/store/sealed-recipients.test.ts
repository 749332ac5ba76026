import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { readPayloadKeys } from '../../codec/payload-keys.ts'
import { ReloadedFile } from '../../codec/reloaded-file.ts'
import type { NamedRequest, OrderRequest } from '../../contracts/create-order.ts'
import { failure } from '../../contracts/failures.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { rewrapKeys } from '../../operators/rewrap-keys.ts'
import { sealRows } from '../../operators/seal-rows.ts'
import { FileKeyWrapping } from '../../recipients/file-key-wrapping.ts'
import { Recipients } from '../../recipients/recipients.ts'
import type { Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { type RecipientStore, recipientStore } from '../../store/recipients/recipient-store.ts'
import { keysFile, writeKeys } from '../support/payload-keys.ts'
import { confirmIn, openIn } from '../support/placed-order.ts'
import { connectTestDatabase } from '../support/postgres.ts'

const RECIPIENT = { address: '9 Cipher Crescent', name: 'Wilhelmina Sealwright', mobile: '+99-5550-80777', post: 'ring twice' }
const BY = { by: 'a test', why: 'ticket 12' }

describe('sealed recipients in the store', () => {
  let db: Database
  let store: OrderStore
  let keys: RecipientStore
  let path: string
  let recipients: Recipients
  let users = 100
  let requests = 0

  before(async () => {
    db = await connectTestDatabase({ max: 10 })
    await migrate(db)
    store = orderStore(db)
    keys = recipientStore(db)
    path = await keysFile('k1')
    recipients = over(path)
  })
  after(() => db.destroy())

  it('stand in no column in clear, and open for their order', async () => {
    const [orderSn = ''] = await open([ask(++users)])
    const row = await db.selectFrom('orders').selectAll().where('order_sn', '=', orderSn).executeTakeFirstOrThrow()
    assert.deepEqual([row.address, row.name, row.mobile, row.post], [null, null, null, null])
    const { rows } = await sql<{ text: string }>`select o::text as text from orders o where order_sn = ${orderSn}`.execute(db)
    for (const text of Object.values(RECIPIENT)) assert.ok(!rows[0]?.text.includes(text), text)
    assert.deepEqual(await read(orderSn), RECIPIENT)
  })

  it('of an erased user can be read in no row, copied ones included; those of the same batch can', async () => {
    const [erased, kept] = [++users, ++users]
    const orderSns = await open([ask(erased), ask(kept)])
    const [first = '', second = ''] = orderSns
    await finish(...orderSns)
    const backup = await store.orderSlip({ kind: 'number', orderSn: first })
    assert.deepEqual(await erase(erased), { kind: 'erased', inClear: 0, kek: 'k1' })
    assert.equal(await read(first), undefined)
    assert.equal(await recipients.unseal(backup?.sealed ?? '', { userId: erased, orderSn: first }), undefined)
    assert.deepEqual(await read(second), RECIPIENT)
    assert.deepEqual(await erase(erased), { kind: 'nothing' })
    const { rows } = await sql`select verb, user_id, order_sn, by, why from recipient_log where user_id = ${erased}`.execute(db)
    assert.deepEqual(rows, [{ verb: 'erase', user_id: erased, order_sn: null, ...BY }])
    const [next = ''] = await open([ask(erased)])
    assert.deepEqual(await read(next), RECIPIENT, 'a new order has a new key')
    assert.equal(await read(first), undefined)
  })

  it('are not erased while an order needs its recipient, and the answer names those orders', async () => {
    const userId = ++users
    const [orderSn = ''] = await open([ask(userId)])
    const refused = { kind: 'unsettled', orderSns: [orderSn] }
    assert.deepEqual(await erase(userId), refused, 'CREATING')
    await confirmIn(store, orderSn)
    assert.deepEqual(await erase(userId), refused, 'PAYING')
    await sql`update orders set status = 'TRADE_SUCCESS' where order_sn = ${orderSn}`.execute(db)
    assert.deepEqual(await erase(userId), refused, 'paid and not finished')

    const [closed = ''] = await open([ask(userId)])
    await confirmIn(store, closed)
    await store.closeOrder({ orderSn: closed, ...BY }, 'cancelled')
    const paidToo = { userId, paidToo: true, ...BY }
    assert.deepEqual(await keys.eraseRecipients(paidToo), { kind: 'unsettled', orderSns: [closed] }, 'its stock is owed')
    await store.markReturned([closed])
    const [doubtful = ''] = await open([ask(userId)])
    await sql`update orders set status = 'IN_DOUBT', stock_state = 'in_doubt', keyed = false, sent_at = now() where order_sn = ${doubtful}`.execute(
      db,
    )
    assert.deepEqual(await keys.eraseRecipients(paidToo), { kind: 'unsettled', orderSns: [doubtful] }, 'in doubt')
    await store.resolveInDoubt({ orderSn: doubtful, verdict: 'notSold', ...BY })
    assert.deepEqual(await erase(userId), refused)
    assert.deepEqual(await read(orderSn), RECIPIENT)
    assert.equal((await keys.eraseRecipients(paidToo)).kind, 'erased')
    assert.equal(await read(orderSn), undefined)
  })

  it('that were sealed before an erasure and come to the store behind it are refused, and no other order with them', async () => {
    const [erased, other] = [++users, ++users]
    const sealed = await recipients.seal(ask(erased))
    assert.equal((await erase(erased)).kind, 'erased')
    const [late, fine] = await store.openOrders([intentOf(sealed), intentOf(await recipients.seal(ask(other)))])
    assert.deepEqual([late?.order.status, late?.order.refusal?.type, late?.lines], ['TRADE_CLOSED', 'RecipientErased', []])
    assert.equal(fine?.order.status, 'CREATING')
    const [again] = await store.openOrders([intentOf(sealed)])
    assert.equal(again?.order.refusal?.type, 'RecipientErased', 'a refusal is final for its key')
  })

  it('and an erasure at the same moment: it waits for the order that is being opened, and finds it', async () => {
    const userId = ++users
    const sealed = await recipients.seal(ask(userId))
    let erasing: ReturnType<typeof erase> | undefined
    await db.transaction().execute(async (trx) => {
      await orderStore(trx).openOrders([intentOf(sealed)])
      erasing = erase(userId)
      const waits = async () =>
        (
          await sql`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%recipient_keys%for update%'`.execute(
            db,
          )
        ).rows.length > 0
      while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 20))
    })
    assert.deepEqual(await erasing, { kind: 'unsettled', orderSns: [orderSnOf(sealed)] })
  })

  it('are in clear of orders of before: those can be read, and an erasure removes them', async () => {
    const userId = ++users
    const orderSn = await openIn(store, userId)
    await confirmIn(store, orderSn)
    await finish(orderSn)
    assert.equal((await store.orderSlip({ kind: 'number', orderSn }))?.name, 'A. Buyer')
    assert.deepEqual(await erase(userId), { kind: 'erased', inClear: 1 })
    assert.equal((await store.orderSlip({ kind: 'number', orderSn }))?.name, '')
  })

  it('come in the place of those in clear, some rows at a time; whoever is erased or forgotten meanwhile stays so', async () => {
    const [userId, gone] = [++users, ++users]
    const [orderSn, goneSn, forgotten] = [await openIn(store, userId), await openIn(store, gone), await openIn(store, ++users)]
    await sql`update orders set mobile = null where order_sn = ${orderSn}`.execute(db)
    assert.match(await sealRows({ recipients: keys, sealing: recipients }), /^[1-9]\d* recipients that stood in clear are sealed/)
    const slip = await store.orderSlip({ kind: 'number', orderSn })
    assert.deepEqual([slip?.name, slip?.sealed?.slice(0, 3)], ['', 's1.'])
    assert.deepEqual(await read(orderSn), { address: '1 Road', name: 'A. Buyer', mobile: '', post: '' })
    assert.match(await sealRows({ recipients: keys, sealing: recipients }), /^0 recipients/)

    await sql`update orders set address = 'late', sealed = null where order_sn in (${goneSn}, ${forgotten})`.execute(db)
    const { orders } = await keys.recipientsInClear({ after: '', atMost: 1_000 })
    const sealed = await Promise.all(
      orders.map(async (one) => ({ ...one, sealed: await recipients.sealFor(one, one.recipient) })),
    )
    assert.equal(sealed.length, 2)
    await finish(goneSn)
    assert.equal((await erase(gone)).kind, 'erased')
    await sql`update orders set address = null where order_sn = ${forgotten}`.execute(db)
    assert.equal(await keys.sealRows(sealed), 0)
    for (const one of [goneSn, forgotten]) {
      const { sealed: text, address } = (await store.orderSlip({ kind: 'number', orderSn: one })) ?? {}
      assert.deepEqual([text, address], [undefined, ''])
    }
  })

  it('outlive no refusal, and no more than the others their age', async () => {
    const [refused = '', old = ''] = await open([ask(++users), ask(++users)])
    await store.voidOrders([{ orderSn: refused, refusal: failure('UserNotFound', 'nobody') }])
    assert.equal((await store.orderSlip({ kind: 'number', orderSn: refused }))?.sealed, undefined)
    await finish(old)
    await store.forgetRecipients(0, 1_000)
    assert.equal((await store.orderSlip({ kind: 'number', orderSn: old }))?.sealed, undefined)
  })

  it('are gone from backups of the keys too, once the data keys are wrapped by another key and the old one is destroyed', async () => {
    const [erased, kept] = [++users, ++users]
    const orderSns = await open([ask(erased), ask(kept)])
    await finish(...orderSns)
    const [first = '', second = ''] = orderSns
    const backup = await keys.dataKeys([erased, kept])
    await erase(erased)
    writeKeys(path, 'k2', 'k1')
    const both = new FileKeyWrapping(new ReloadedFile(path, readPayloadKeys, assert.fail))
    assert.match(
      await rewrapKeys({ recipients: keys, keyWrapping: both }),
      /^[1-9]\d* data keys were wrapped again; all of them are wrapped by k2/,
    )
    assert.match(await rewrapKeys({ recipients: keys, keyWrapping: both }), /^0 data keys/)
    writeKeys(path, 'k2')
    const restored = new Recipients({
      store: { ...keys, dataKeys: async (userIds) => backup.filter(({ userId }) => userIds.includes(userId)) },
      wrapping: new FileKeyWrapping(new ReloadedFile(path, readPayloadKeys, assert.fail)),
      seals: true,
      onProblem: () => {},
    })
    const sealed = async (orderSn: string) => (await store.orderSlip({ kind: 'number', orderSn }))?.sealed ?? ''
    await assert.rejects(restored.unseal(await sealed(first), { userId: erased, orderSn: first }))
    const now = over(path)
    assert.deepEqual(await now.unseal(await sealed(second), { userId: kept, orderSn: second }), RECIPIENT)
    recipients = now
  })

  it('are in no file of the database, in no write-ahead log and no statistics; one in clear is', async () => {
    const secret = { address: '8 Envelope Esplanade', name: 'Theodora Waxwell', mobile: '+99-6660-91888', post: 'Knockgently' }
    const control = { ...ask(++users), name: 'Control Clearwater' }
    const orderSns = await open([{ ...ask(++users), ...secret }])
    await store.openOrders([intentOf(control)])
    await finish(...orderSns)
    await sql`analyze orders`.execute(db)
    await sql`checkpoint`.execute(db)
    const { rows: places } = await sql<{ home: string; base: string }>`
      select current_setting('data_directory') as home, 'base/' || oid as base from pg_database where datname = current_database()`.execute(
      db,
    )
    const { home, base } = places[0] ?? assert.fail()
    for (const part of [base, 'pg_wal']) {
      let isControlThere = false
      for (const file of await readdir(join(home, part), { withFileTypes: true })) {
        // PostgreSQL may remove one meanwhile.
        const text = file.isFile() ? await readFile(join(home, part, file.name), 'latin1').catch(() => '') : ''
        isControlThere ||= text.includes(control.name)
        for (const one of Object.values(secret)) assert.ok(!text.includes(one), `${part}/${file.name} holds '${one}'`)
      }
      assert.ok(isControlThere, `what is in clear is found in ${part}`)
    }
    const { rows } = await sql<{ text: string }>`select s::text as text from pg_stats s`.execute(db)
    const statistics = rows.map(({ text }) => text).join('\n')
    assert.ok(statistics.includes('TRADE_FINISHED'), 'there are statistics')
    for (const one of [...Object.values(secret), control.name]) assert.ok(!statistics.includes(one), one)
  })

  it('and their keys are in no statistics', async () => {
    await sql`analyze orders`.execute(db)
    await sql`analyze recipient_keys`.execute(db)
    const { rows } = await sql<{ name: string }>`
      select distinct attname as name from pg_stats where tablename in ('orders', 'orders_archive', 'recipient_keys') and attname in ('sealed', 'wrapped', 'status')`.execute(
      db,
    )
    assert.deepEqual(
      rows.map(({ name }) => name),
      ['status'],
    )
  })

  function over(file: string): Recipients {
    const wrapping = new FileKeyWrapping(new ReloadedFile(file, readPayloadKeys, assert.fail))
    return new Recipients({ store: keys, wrapping, seals: true, onProblem: assert.fail })
  }

  function ask(userId: number): NamedRequest {
    return { ...RECIPIENT, userId, requestId: `sealed-${++requests}`, lines: [{ goodsId: 1, num: 3 }] }
  }

  function intentOf(request: OrderRequest) {
    return { ...request, orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'w' }
  }

  async function open(asked: NamedRequest[]): Promise<string[]> {
    const sealed = await Promise.all(asked.map((one) => recipients.seal(one)))
    return (await store.openOrders(sealed.map(intentOf))).map(({ order }) => order.orderSn)
  }

  async function finish(...orderSns: string[]): Promise<void> {
    for (const orderSn of orderSns) await confirmIn(store, orderSn)
    await sql`update orders set status = 'TRADE_FINISHED' where order_sn = any(${orderSns}::text[])`.execute(db)
  }

  async function erase(userId: number) {
    return await keys.eraseRecipients({ userId, ...BY })
  }

  async function read(orderSn: string) {
    const slip = await store.orderSlip({ kind: 'number', orderSn })
    return slip?.sealed === undefined ? undefined : await recipients.unseal(slip.sealed, slip)
  }
})
