import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fillOriginal } from '../../bench/import/original-tables.ts'
import { programCommand } from '../../dev/processes/program-command.ts'
import { connectMysql } from '../../import/connect-mysql.ts'
import type { Database } from '../../store/database.ts'
import { canTestMariadb } from '../support/mariadb.ts'
import { tempDir } from '../support/temp-dir.ts'
import { connectPatiently, testStore } from '../support/test-store.ts'
import { everything } from './everything.ts'
import { Joyshop } from './joyshop.ts'

const PROJECT = join(import.meta.dirname, '../..')
/** Orders of which an import takes several batches. */
const ORDERS = 9_000

describe('npm run import', () => {
  let shop: Joyshop
  let store: string

  before(function () {
    if (!canTestMariadb()) this.skip()
  })
  beforeEach(async () => {
    shop = await Joyshop.open()
    store = (await testStore()).owner
  })
  afterEach(async () => await shop?.close())

  const importing = (args: readonly string[], env: Record<string, string> = { DATABASE_URL: store }) =>
    run(['--from', shop.url, ...args], env)

  it('goes on where it was killed, and comes to the same', async () => {
    await fillOriginal(shop.connection, ORDERS)
    await shop.connection.query("update order_info set status = 'LOST' where id % 1000 = 0")
    const zone = ['--timezone', 'Asia/Shanghai']
    const whole = await importing(zone)
    assert.equal(whole.status, 3)
    assert.match(whole.out, /unknown-status: 9 orders: [^\n]*\n {4}1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000\n/)
    const once = await stored(store)

    store = (await testStore()).owner
    for (const batches of [1, 2]) {
      // Killed as soon as so many batches are there: the next one is under way.
      const killed = await run(['--from', shop.url, ...zone], { DATABASE_URL: store }, async (child) => {
        const db = connectPatiently(store)
        try {
          while (child.exitCode === null && Number(await ordersIn(db)) < batches * 2_000 - 9)
            await new Promise((resolve) => setTimeout(resolve, 5))
        } finally {
          await db.destroy()
        }
        child.kill('SIGKILL')
      })
      assert.equal(killed.signal, 'SIGKILL')
    }
    const again = await importing(zone)
    assert.equal(again.status, 3)
    assert.match(again.out, /[1-9][\d,]* here already/)
    assert.deepEqual(await stored(store), once)
  })

  it('names host and database that it can not use, and never the password', async () => {
    const { out, status } = await run(['--from', 'mysql://shop:verysecret@127.0.0.1:1/joyshop_order', '--timezone', 'UTC'], {
      DATABASE_URL: store,
    })
    assert.equal(status, 1)
    assert.match(out, /MySQL can't be used at 127\.0\.0\.1:1\/joyshop_order \(.*ECONNREFUSED.*\): start it, or mend the address/)
    const usage = await run(['--from', 'postgres://shop:verysecret@127.0.0.1/orders'], { DATABASE_URL: store })
    assert.equal(usage.status, 2)
    assert.match(usage.out, /must be the address of a MySQL database/)
    assert.match(
      out,
      /the password in --from is seen by whoever lists the processes here: name the address by IMPORT_FROM, or a file/,
    )
    const named = await run(['--timezone', 'UTC'], {
      DATABASE_URL: store,
      IMPORT_FROM: 'mysql://shop:verysecret@127.0.0.1:1/joyshop_order',
    })
    assert.equal(named.status, 1)
    assert.match(named.out, /^MySQL can't be used at 127\.0\.0\.1:1/)
    assert.equal((await run([], { DATABASE_URL: store })).status, 2)
    for (const text of [out, usage.out]) assert.doesNotMatch(text, /verysecret/)
  })

  it('says what to install if the driver is not', async () => {
    const missing = Object.assign(new Error("Cannot find package 'mysql2'"), { code: 'ERR_MODULE_NOT_FOUND' })
    await assert.rejects(
      connectMysql(shop.url, () => Promise.reject(missing)),
      /the package mysql2, which reads MySQL, is not installed: run npm install/,
    )
  })

  it('refuses to read the times by a zone that nobody named, if the last order would be of the future', async () => {
    const inFiveHours = new Date(Date.now() + 5 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
    await shop.order({ id: 5, created_at: inFiveHours })
    const { out, status } = await importing([], { DATABASE_URL: store, TZ: 'UTC' })
    assert.equal(status, 1)
    assert.match(out, /still to come in UTC: name the zone of its times by --timezone/)
    assert.equal((await importing(['--timezone', 'Asia/Shanghai'])).status, 0)
  })

  it('refuses options that do not go together, and zones that are none', async () => {
    for (const args of [
      ['--apply'],
      ['--audit', '--dry-run'],
      ['--timezone', 'Mars/Olympus'],
      ['--timezone', '+08:00'],
      ['--audit', '--back'],
    ]) {
      const { status } = await importing(args)
      assert.equal(status, 2, args.join(' '))
    }
  })

  it('audits without a store, and gives back what the audit proves with one', async () => {
    await shop.order({ id: 5, status: 'TRADE_CLOSED' }, [{ goods: 31, nums: 3 }])
    await shop.order({ id: 6, status: 'TRADE_CLOSED' }, [{ goods: 32, nums: 2 }])
    await shop.insert('inventory', { goods_id: 31, stock: 90, version: 2 })
    await shop.insert('inventory', { goods_id: 32, stock: 10, version: 1 })
    const supplied = join(await tempDir(), 'supplied.csv')
    await writeFile(supplied, 'goods,pieces\n31,100\n32,10\n')
    const audit = ['--audit', '--inventory', shop.url, '--supplied', supplied, '--timezone', 'UTC']
    const alone = await importing(audit, {})
    assert.equal(alone.status, 0, alone.out)
    assert.match(alone.out, /5 pieces of 2 orders that were closed or deleted unpaid/)
    assert.match(alone.out, /1 calls that changed the stock, and that no order explains/)
    assert.match(alone.out, /7 pieces that were put in, and that neither stock nor orders explain/)
    assert.match(alone.out, /Of goods 32 there are more than can be/)
    await importing(['--timezone', 'UTC'])
    const applied = await importing([...audit, '--apply', '--by', 'A. Person', '--why', 'first day'])
    assert.match(applied.out, /3 pieces of 1 orders are owed to the inventory now/)
    assert.match((await importing([...audit, '--apply'])).out, /0 pieces of 0 orders are owed/)
  })
})

async function ordersIn(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom('orders')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

async function stored(url: string): Promise<unknown[]> {
  const db = connectPatiently(url)
  try {
    return await everything(db)
  } finally {
    await db.destroy()
  }
}

async function run(
  args: readonly string[],
  env: Record<string, string>,
  meanwhile: (child: ReturnType<typeof spawn>) => Promise<void> = async () => {},
): Promise<{ status: number | null; signal: NodeJS.Signals | null; out: string }> {
  const { DATABASE_URL: _, ...inherited } = process.env
  const program = programCommand('import/main.ts', { ...inherited, ...env })
  const child = spawn(program.command, [...program.args, ...args], { cwd: PROJECT, env: program.env })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk))
  const [[status, signal]] = await Promise.all([once(child, 'close'), meanwhile(child)])
  return { status, signal, out }
}
