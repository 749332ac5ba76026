import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Connection } from '@temporalio/client'
import { freePort } from '../../dev/processes/ports.ts'
import { findTemporalCli } from '../../dev/programs/temporal-cli.ts'
import { startTemporalServer } from '../../dev/temporal-server.ts'
import { tempDir } from '../support/temp-dir.ts'
import { testTemporal } from '../support/temporal.ts'

describe('the Temporal dev server', () => {
  it('has the search attributes from the moment it is ready, and its web UI at the address it tells', async () => {
    const { address, namespace, uiUrl } = await testTemporal()
    const connection = await Connection.connect({ address })
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
    await connection.close()
    for (const name of ['OrderSn', 'UserId', 'RequestId']) assert.ok(name in customAttributes, name)
    const page = await fetch(`${uiUrl}/namespaces/${namespace}/workflows`)
    assert.equal(page.status, 200)
  })

  it('begins anew on a database of which a start that was killed left half', async () => {
    const dir = await tempDir()
    const dbFile = join(dir, 'temporal.db')
    await writeFile(dbFile, 'half of it')
    await writeFile(`${dbFile}.unfinished`, '')
    const port = await freePort()
    const uiPort = await freePort(0, new Set([port]))
    const cli = await findTemporalCli({ log: () => {} })
    const server = await startTemporalServer({ cli, port, uiPort, dbFile, logFile: join(dir, 'log') })
    await server.stop()
    assert.equal(existsSync(`${dbFile}.unfinished`), false, 'the next start goes on with it')
  })

  it('is one for the whole run', async () => {
    assert.equal((await testTemporal()).pid, (await testTemporal()).pid)
  })
})
