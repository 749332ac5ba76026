import { sql } from 'kysely'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import type { Database } from '../../store/database.ts'
import { recordPayment } from '../../store/life/record-payment.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { orderStore } from '../../store/order-store.ts'
import { testDatabase } from './postgres.ts'
import { connectPatiently } from './test-store.ts'

const CNY = (amount: number) => ({ amount, currency: 'CNY' })

/** Personal data of every order here: no event may have it. */
export const PERSON = { address: '1 Secret Road', name: 'A. Secret Buyer', mobile: '13811112222', post: 'ring at Secrets' }

/** A store on a database of its own, whose orders have events. */
export class EventShop {
  readonly url: string
  readonly db: Database
  #users = 0
  #payments = 0
  readonly #open = new Set<() => Promise<void>>()

  private constructor(url: string) {
    this.url = url
    this.db = connectPatiently(url, { max: 20 })
  }

  static async open(): Promise<EventShop> {
    const shop = new EventShop(await testDatabase())
    await migrate(shop.db)
    return shop
  }

  /** Creates an order, which is one event. */
  async confirmed(db = this.db): Promise<string> {
    const request = { ...PERSON, userId: ++this.#users, requestId: `key-${this.#users}`, lines: [{ goodsId: 1, num: 3 }] }
    const orderSn = orderSnOf(request)
    const store = orderStore(db)
    await store.openOrders([{ ...request, orderSn, fingerprint: fingerprintOf(request), workflowId: 'w' }])
    await store.confirmOrders([{ orderSn, total: 300, lines: [{ goodsId: 1, name: 'Tea', image: '', price: CNY(100), num: 3 }] }])
    return orderSn
  }

  /** Reports a payment that owes a refund, or pays the order: one event. */
  async pay(orderSn: string, amount = 1, db = this.db): Promise<void> {
    const paymentId = `p${++this.#payments}`
    await recordPayment(db, orderSn, { provider: 'pay', paymentId, amount: CNY(amount), paidAt: new Date().toISOString() })
  }

  /** Ends what a test that failed left open, and the connections. */
  async close(): Promise<void> {
    for (const end of this.#open) await end()
    await this.db.destroy()
  }

  /** Begins a transaction on a connection of its own, which has its id from here on. It ends with `commit`. */
  async begin(): Promise<{ trx: Database; commit: () => Promise<void> }> {
    let commit = () => {}
    const committed = new Promise<void>((resolve) => {
      commit = resolve
    })
    return await new Promise((resolve, reject) => {
      const ended = this.db.transaction().execute(async (trx) => {
        await sql`select pg_current_xact_id()`.execute(trx)
        const end = async () => {
          this.#open.delete(end)
          commit()
          await ended
        }
        this.#open.add(end)
        resolve({ trx, commit: end })
        await committed
      })
      ended.catch(reject)
    })
  }
}
