import assert from 'node:assert/strict'
import type { OrderSn } from '../../contracts/order.ts'
import type { Finding } from '../../contracts/reconciliation.ts'
import { repairFinding } from '../../operators/repair-finding.ts'
import { reconcile } from '../../reconciliation/reconcile.ts'
import { readAudit } from '../../store/audit.ts'
import { Shop } from '../reconciliation/shop.ts'
import { operatorDeps } from './operator-deps.ts'

const LINES = [{ goodsId: 3, num: 2 }]
const ADA = { by: 'Ada', why: 'restored from the backup' }
/** Owner under which an order's row is kept away from whoever asks for it. */
const ELSEWHERE = 'AAAAAAAAAAAAAAAA'

describe('a sale without an order', () => {
  let shop: Shop
  let orderSn: OrderSn
  let finding: Finding

  beforeEach(async () => {
    shop = await Shop.open()
    orderSn = await shop.sold(LINES)
    await rename(orderSn, ELSEWHERE)
    finding = { kind: 'sale-without-order', orderSn, units: LINES, repair: 'return-unknown' }
  })
  afterEach(() => shop.close())

  async function rename(from: string, to: string): Promise<void> {
    await shop.db.updateTable('orders').set({ order_sn: to }).where('order_sn', '=', from).execute()
  }

  /** Its caller sends the request again, with the old key. */
  async function comeBack(): Promise<void> {
    await rename(ELSEWHERE, orderSn)
    await shop.inventory.sell(orderSn, LINES)
    await shop.confirm(orderSn, LINES)
  }

  it('is given back', async () => {
    const repaired = await repairFinding(operatorDeps(shop), finding, ADA)
    assert.deepEqual(repaired, { orderSn, done: true, told: 'the sale is given back' })
    assert.equal((await shop.parts().ledger?.sale(orderSn))?.state, 'RETURNED')
  })

  it('is left alone under a text that is no order number, the empty one above all, and so is what no order is to blame for', async () => {
    const parts = operatorDeps(shop)
    const inventory = { sell: () => assert.fail('sold'), reback: () => assert.fail('given back') }
    for (const text of ['', 'KEPT', orderSn.toLowerCase()]) {
      for (const repair of ['return-unknown', 'return', 'sell', 'owe', 'settle'] as const) {
        const repaired = await repairFinding({ ...parts, inventory }, { ...finding, orderSn: text, repair }, ADA)
        const told = 'left alone: its number is none of ours, which is 16 of A-Z and 2-7'
        assert.deepEqual(repaired, { orderSn: text, done: false, told })
      }
    }
    const { orderSn: _, ...nobodys } = finding
    const repaired = await repairFinding({ ...parts, inventory }, nobodys, ADA)
    assert.deepEqual(repaired, { done: false, told: 'a person has to decide' })
  })

  it('is left alone if its caller came back', async () => {
    await comeBack()
    const { done, told } = await repairFinding(operatorDeps(shop), finding, ADA)
    assert.deepEqual([done, told], [false, 'left alone: the store knows it by now'])
    assert.deepEqual((await reconcile(shop.parts())).findings, [])
  })

  it('that was given back while its caller came back is told as what it is: an order that stands without its stock', async () => {
    const parts = operatorDeps(shop)
    const tooLate = {
      ...parts,
      inventory: {
        ...parts.inventory,
        async reback(...args: Parameters<typeof parts.inventory.reback>) {
          await comeBack()
          return await shop.inventory.reback(...args)
        },
      },
    }
    const { done, told } = await repairFinding(tooLate, finding, ADA)
    assert.equal(done, false)
    assert.match(told, /TOO LATE: .* the order is PAYING, stock sold .* compare again: if it is named given-back, close it/)
    const [named] = (await reconcile(shop.parts())).findings
    assert.deepEqual([named?.orderSn, named?.kind], [orderSn, 'given-back'])
    const [entry] = await readAudit(shop.db, orderSn)
    assert.deepEqual([entry?.before, entry?.after], [{}, { status: 'PAYING', stockState: 'sold' }])
  })
})
