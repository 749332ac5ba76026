import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { freePort } from '../../dev/processes/ports.ts'
import { findPostgresHome } from '../../dev/programs/postgres-home.ts'
import { InventoryClient } from '../services/inventory-client.ts'
import { openForOthers } from '../support/open-for-others.ts'
import { tempDir } from '../support/temp-dir.ts'

/** One run of `npm start`, without npm. */
interface Launch {
  output: () => string
  /** Waits until the output matches, and gives the match. */
  seen(pattern: RegExp): Promise<RegExpExecArray>
  child: ChildProcess
  ended: Promise<number | null>
}

describe('npm start', () => {
  const launches: Launch[] = []

  function start(args: string[], env: NodeJS.ProcessEnv = {}): Launch {
    let output = ''
    const child = spawn(process.execPath, ['--import', 'tsx', join('dev', 'start.ts'), ...args], {
      env: { ...process.env, ...env },
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    const ended = once(child, 'close').then(([status]) => status as number | null)
    const launch: Launch = {
      child,
      ended,
      output: () => output,
      async seen(pattern) {
        for (;;) {
          const match = pattern.exec(output)
          if (match) return match
          if (child.exitCode !== null) throw new Error(`it ended without saying ${pattern}:\n${output}`)
          await Promise.race([sleep(50), ended])
        }
      },
    }
    launches.push(launch)
    return launch
  }

  /** Whatever a failed test left; a launcher that is asked stops its own. */
  afterEach(async () => {
    for (const { child, ended } of launches.splice(0)) {
      child.kill('SIGTERM')
      await ended
    }
  })

  async function assertNothingListens(output: string) {
    const ports = [...output.matchAll(/ready: .*$/gm)].flatMap(([line]) =>
      [...line.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)),
    )
    assert.ok(ports.length > 0)
    for (const port of ports) assert.equal(await answers(port), false, `something still listens on port ${port}`)
  }

  function answers(port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', () => resolve(false))
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
    })
  }

  it('--once creates an order, tells its saga, ends with status 0 and leaves nothing running; --reset forgets it, and the next inventory may be one without keys, what Temporal holds encrypted', async () => {
    const data = await tempDir()
    const { output, ended } = start(['--once', '--data', data])
    assert.equal(await ended, 0, output())
    assert.match(output(), /^order [A-Z2-7]{16} of user \d+: PAYING, \d+\.\d\d [A-Z]{3}/m)
    for (const step of ['prepareOrders', 'sellOrders', 'confirmOrders']) {
      assert.match(output(), new RegExp(`^  \\d ${step} +completed +attempt \\d+ +\\d+ ms  \\w+`, 'm'))
    }
    await assertNothingListens(output())
    const { dir: postgres } = await findPostgresHome(join(data, 'postgres'))
    for (const dir of [data, postgres]) assert.deepEqual(await openForOthers(dir), [], 'what it leaves is its owner’s alone')

    const [, orderSn] = /^order (\S+)/m.exec(output()) ?? []
    const again = start(['--reset', '--encrypted', '--data', data], { INVENTORY_MODE: 'unkeyed' })
    await again.seen(/stays up until Ctrl-C/)
    const [, httpUrl] = await again.seen(/HTTP API +(\S+)\/docs/)
    assert.equal((await fetch(`${httpUrl}/orders/${orderSn}`)).status, 404)

    for (const step of ['prepareOrders', 'sellOrders', 'confirmOrders'])
      assert.match(again.output(), new RegExp(`^  \\d ${step} +completed +attempt \\d+ +\\d+ ms  \\w+`, 'm'))
    await again.seen(/^payload keys .*payload-keys$/m)
    const database = (await readdir(data)).filter((file) => file.startsWith('temporal.db'))
    assert.ok(database.length > 0)
    for (const file of database) {
      const held = await readFile(join(data, file), 'latin1')
      for (const text of ['Harbour Street', 'A. Customer']) assert.ok(!held.includes(text), `${file} holds ${text}`)
    }
    const [, address = ''] = await again.seen(/^inventory ready: (\S+)/m)
    const inventory = new InventoryClient(address)
    await assert.rejects(inventory.sale('A'), { code: status.UNIMPLEMENTED }, 'it is one without keys')
    await inventory.stop()
  })

  it('is stopped by Ctrl-C while it starts', async () => {
    const launch = start(['--data', await tempDir()])
    await launch.seen(/postgres ready/)
    launch.child.kill('SIGINT')
    assert.equal(await launch.ended, 1)
    assert.match(launch.output(), /Stopped before it was up/)
    await assertNothingListens(launch.output())
  })

  it('tells which part failed and why, ends with status 1 and leaves nothing running', async () => {
    const DATABASE_URL = `postgres://nobody@127.0.0.1:${await freePort()}/orders`
    const launch = start(['--once', '--data', await tempDir()], { DATABASE_URL })
    assert.equal(await launch.ended, 1)
    assert.match(launch.output(), /migrate failed \(status 1\); \S+migrate\.log ends with:\n.*ECONNREFUSED/s)
    await assertNothingListens(launch.output())
  })

  it('refuses an option that it does not know, with the ones that it does', async () => {
    const launch = start(['--onec'])
    assert.equal(await launch.ended, 2)
    assert.match(launch.output(), /Unknown option '--onec'.*--once.*--reset/s)
  })
})
