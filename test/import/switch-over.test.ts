import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import pino from 'pino'
import { startUnkeyedInventory } from '../../services/inventory/unkeyed-inventory.ts'
import type { Database } from '../../store/database.ts'
import { fencedBlocks } from '../docs/fenced-blocks.ts'
import { runScript } from '../docs/run-script.ts'
import { spawnRoot } from '../e2e/faults/spawn-root.ts'
import { until } from '../e2e/faults/until.ts'
import { InventoryClient } from '../services/inventory-client.ts'
import { canTestMariadb } from '../support/mariadb.ts'
import { testDatabase } from '../support/postgres.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { tempDir } from '../support/temp-dir.ts'
import { connectPatiently } from '../support/test-store.ts'
import { Joyshop } from './joyshop.ts'

const DOC = readFileSync(join(import.meta.dirname, '../../docs/switch-over.md'), 'utf8')

describe('docs/switch-over.md', () => {
  let stack: TestStack
  let shop: Joyshop
  let db: Database
  let inventory: InventoryClient
  let settings: Record<string, string>

  before(async function () {
    if (!canTestMariadb()) this.skip()
    stack = await testStack()
    shop = await Joyshop.open()
    const databaseUrl = await testDatabase()
    db = connectPatiently(databaseUrl)
    const service = await startUnkeyedInventory(
      { setting: 'INVENTORY_ADDR', address: '127.0.0.1:0' },
      await testDatabase(),
      pino({ level: 'silent' }),
    )
    inventory = new InventoryClient(service.address, service)
    settings = {
      ...{ TASK_QUEUE: 'switch-over', DATABASE_URL: databaseUrl, INVENTORY_TARGET: service.address, INVENTORY_MODE: 'unkeyed' },
      ...{ OLD: shop.url, OLD_INVENTORY: shop.url, ZONE: 'Asia/Shanghai', BACK: join(await tempDir(), 'back.sql') },
    }
  })

  after(async () => {
    await shop?.close()
    await db?.destroy()
    await inventory?.stop()
  })

  it('has commands that switch over, each as it stands there, and the way back', async () => {
    await shop.order({ id: 5, pay_deadline: '2099-01-01 00:00:00' }, [{ goods: 31, nums: 1 }])
    await shop.order({ id: 6 }, [{ goods: 32, nums: 2 }])
    await shop.order({ id: 7, status: 'TRADE_CLOSED' }, [{ goods: 33, nums: 3 }])
    await shop.order({ id: 8, status: 'TRADE_SUCCESS', pay_time: '2026-11-01 10:03:00' }, [{ goods: 34, nums: 1 }])
    await shop.cartRow()
    await shop.insert('inventory', { goods_id: 31, stock: 100, version: 1 })
    const [look, first, shadow, rest, register, lost, back, ...others] = indented(DOC)
    assert.deepEqual(others, [])
    const runs = async (block: { script: string } | undefined) => {
      const { status, out } = await runScript(block?.script ?? assert.fail('a block is missing'), {
        ...process.env,
        ...stack.env,
        ...settings,
      })
      assert.equal(status, 0, out)
      return out
    }
    const stocks = async () => await Promise.all([31, 32, 33, 34].map((goods) => inventory.stock(goods)))
    const before = await stocks()

    assert.match(await runs(look), /3 pieces of 1 orders that were closed[\s\S]*4 would be imported/)
    assert.match(await runs(first), /orders: 4 imported/)
    await shop.order({ id: 9, pay_deadline: '2099-01-01 00:00:00' }, [{ goods: 31, nums: 1 }])
    assert.match(await runs(shadow), /1 imported[\s\S]*0 would be imported, 0 of before taken anew, 5 here already/)
    await shop.connection.query("update order_info set status = 'TRADE_SUCCESS', pay_time = '2026-11-01 10:20:00' where id = 9")
    assert.match(await runs(rest), /1 of before taken anew[\s\S]*0 would be imported, 0 of before taken anew, 5 here already/)

    await spawnRoot(stack, 'worker', settings)
    await runs(register)
    await until('the overdue order to be closed here, and given back', async () => {
      const { rows } = await sql<{ now: string }>`select status || ' ' || stock_state as now from orders where id = 6`.execute(db)
      assert.equal(rows[0]?.now, 'TRADE_CLOSED returned')
    })
    await until('what was lost to be given back, and the baseline to be taken', async () => await runs(lost))
    const [one, two, three, four] = before
    assert.deepEqual(await stocks(), [one, Number(two) + 2, Number(three) + 3, four])

    await runs(back)
    const statements = (await readFile(String(settings.BACK), 'utf8')).trim().split('\n')
    for (const statement of statements) await shop.connection.query(statement)
    const [rows] = await shop.connection.query('select id, status from order_info order by id')
    assert.deepEqual(
      (rows as { id: number; status: string }[]).map(({ id, status }) => `${id} ${status}`),
      ['5 PAYING', '6 TRADE_CLOSED', '7 TRADE_CLOSED', '8 TRADE_SUCCESS', '9 TRADE_SUCCESS'],
    )
  })
})

/** The blocks of commands that stand in a list. */
function indented(markdown: string) {
  return fencedBlocks(markdown.replaceAll(/^ {3}/gm, ''), 'sh')
}
