import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { failure } from '../../contracts/failures.ts'
import type { Line, OrderSn } from '../../contracts/order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import type { ReconciliationDeps } from '../../reconciliation/deps.ts'
import { inventoryDeps } from '../../reconciliation/inventory-deps.ts'
import { connectDatabase, type Database } from '../../store/database.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { type ReconciliationStore, reconciliationStore } from '../../store/reconciliation-store.ts'
import { AMPLE_MS } from '../clients/ample.ts'
import { InventoryClient as ReferenceInventory } from '../services/inventory-client.ts'
import { PATIENT_STORE, testDatabase } from '../support/postgres.ts'
import { connectPatiently, type TestStore, testStore } from '../support/test-store.ts'

/** Stores and a real inventory without a worker: orders are brought by hand to where a test wants them. */
export class Shop {
  /** The orders, as the owner of their tables reaches them. */
  readonly db: Database
  /** The same with the rights of operators alone. */
  readonly operatorDb: Database
  /** Database of the inventory. */
  readonly ledgerDb: Database
  readonly orders: OrderStore
  readonly store: ReconciliationStore
  readonly inventory: InventoryClient
  /** Numbers of unsettled orders that a run is at. */
  readonly attended = new Set<string>()
  readonly #reference: ReferenceInventory
  #users = 0

  readonly #appDb: Database

  private constructor({ owner, app, operator }: TestStore, ledgerDb: Database, reference: ReferenceInventory) {
    this.db = connectPatiently(owner)
    this.operatorDb = connectPatiently(operator)
    this.#appDb = connectPatiently(app)
    this.ledgerDb = ledgerDb
    this.orders = orderStore(this.#appDb)
    this.store = reconciliationStore(this.#appDb)
    this.inventory = new InventoryClient({ target: reference.address, deadlineMs: AMPLE_MS })
    this.#reference = reference
  }

  static async open(): Promise<Shop> {
    const store = await testStore()
    const ledgerUrl = await testDatabase()
    return new Shop(store, connectDatabase(ledgerUrl, PATIENT_STORE), await ReferenceInventory.start(ledgerUrl))
  }

  /** @param keyed whether the inventory's ledger is asked */
  parts(keyed = true, store = this.store): ReconciliationDeps & { store: ReconciliationStore } {
    return {
      store,
      ...inventoryDeps(this.inventory, keyed),
      attendanceOf: async ({ orderSn }) => ({ kind: this.attended.has(orderSn) ? 'attended' : 'abandoned' }),
      answerGiven: async () => undefined,
    }
  }

  /** CREATING. @returns its number */
  async opened(lines: Line[]): Promise<OrderSn> {
    const key = { userId: ++this.#users, requestId: randomUUID() }
    const orderSn = orderSnOf(key)
    const buyer = { address: '7 Lantern Wharf', name: 'Philippa Quillfeather', mobile: '+99-5550-80131' }
    await this.orders.openOrders([
      { ...key, ...buyer, orderSn, fingerprint: 'f', lines, workflowId: `w-${orderSn}`, keyed: true },
    ])
    return orderSn
  }

  /** CREATING, and its stock is taken. */
  async sold(lines: Line[]): Promise<OrderSn> {
    const orderSn = await this.opened(lines)
    await this.inventory.sell(orderSn, lines)
    return orderSn
  }

  /** PAYING. */
  async confirmed(lines: Line[]): Promise<OrderSn> {
    const orderSn = await this.sold(lines)
    await this.confirm(orderSn, lines)
    return orderSn
  }

  async confirm(orderSn: OrderSn, lines: Line[]): Promise<void> {
    const priced = lines.map((line) => ({ ...line, name: 'Goods', image: '', price: { amount: 100, currency: 'CNY' } }))
    await this.orders.confirmOrders([{ orderSn, total: 100, lines: priced }])
  }

  /** TRADE_CLOSED; a Reback is owed. */
  async voided(lines: Line[]): Promise<OrderSn> {
    const orderSn = await this.sold(lines)
    await this.#void(orderSn)
    return orderSn
  }

  /** TRADE_CLOSED, and its stock is given back. */
  async returned(lines: Line[]): Promise<OrderSn> {
    const orderSn = await this.sold(lines)
    await this.giveBack(orderSn, lines)
    return orderSn
  }

  /** Closes an order, and gives its stock back. */
  async giveBack(orderSn: OrderSn, lines: Line[]): Promise<void> {
    await this.#void(orderSn)
    await this.inventory.reback(orderSn, lines)
    await this.orders.markReturned([orderSn])
  }

  async #void(orderSn: string): Promise<void> {
    await this.orders.voidOrders([{ orderSn, refusal: failure('OrderCancelled', 'for a test') }])
  }

  /** Changes an order's row by hand. */
  async damageOrder(orderSn: string, change: { stock_state?: 'none' | 'sold' | 'in_doubt'; status?: 'IN_DOUBT' }): Promise<void> {
    await this.db.updateTable('orders').set(change).where('order_sn', '=', orderSn).execute()
  }

  /** Runs a statement in the inventory's database. */
  async damageLedger(statement: string): Promise<void> {
    await sql.raw(statement).execute(this.ledgerDb)
  }

  async close(): Promise<void> {
    this.inventory.close()
    await this.#reference.stop()
    await Promise.all([this.db, this.operatorDb, this.#appDb].map((db) => db.destroy()))
    await this.ledgerDb.destroy()
  }
}
