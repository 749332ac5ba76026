import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort } from '../../dev/processes/ports.ts'
import { programCommand } from '../../dev/processes/program-command.ts'
import { testDatabase } from '../support/postgres.ts'
import { testTemporal } from '../support/temporal.ts'

const PROJECT = join(import.meta.dirname, '../..')

describe('programs that need a party', () => {
  let away: string

  before(async () => {
    away = `127.0.0.1:${await freePort()}`
  })

  it('migrate: name the PostgreSQL that is away, its setting and what to do, and never the password', async () => {
    const { status, err } = await run(['composition/migrate.ts'], { DATABASE_URL: `postgres://shop:secret@${away}/shop` })
    assert.equal(err, `PostgreSQL can't be used at ${away}/shop (connect ECONNREFUSED ${away}): start it, or mend DATABASE_URL\n`)
    assert.equal(status, 1)
  })

  it('migrate: name a PostgreSQL that refuses them', async () => {
    const url = new URL(await testDatabase())
    url.password = 'secret'
    const { err } = await run(['composition/migrate.ts'], { DATABASE_URL: url.href })
    assert.match(err, /^PostgreSQL can't be used at \S+ \(password authentication failed .*\): start it, or mend DATABASE_URL\n$/)
    assert.doesNotMatch(err, /secret/)
  })

  it('orders: name the PostgreSQL that is away, and one without tables', async () => {
    const TEMPORAL_ADDRESS = (await testTemporal()).address
    const gone = await run(['operators/main.ts', 'list'], {
      TEMPORAL_ADDRESS,
      DATABASE_URL: `postgres://shop:secret@${away}/shop`,
    })
    const said = `failed: PostgreSQL can't be used at ${away}/shop (connect ECONNREFUSED ${away}): start it, or mend DATABASE_URL\n`
    assert.deepEqual([gone.status, gone.err], [1, said])
    const empty = await run(['operators/main.ts', 'list'], { TEMPORAL_ADDRESS, DATABASE_URL: await testDatabase() })
    assert.match(empty.err, /^failed: PostgreSQL at \S+ has no tables of ours yet: run npm run migrate first\n$/)
  })

  it('register: name the Temporal that is away', async () => {
    const { status, err } = await run(['composition/register.ts'], { TEMPORAL_ADDRESS: away })
    assert.match(err, new RegExp(`^Temporal does not answer at ${away} \\(.*\\): start it, or mend TEMPORAL_ADDRESS\n$`))
    assert.equal(status, 1)
  })

  async function run([file = '', ...args]: string[], settings: NodeJS.ProcessEnv) {
    const program = programCommand(file, { ...process.env, ...settings })
    const child = spawn(program.command, [...program.args, ...args], { cwd: PROJECT, env: program.env })
    const [err, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    return { status, err }
  }
})
