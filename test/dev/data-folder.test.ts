import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dataFolderError } from '../../dev/data-folder-error.ts'
import { startPostgres } from '../../dev/postgres.ts'
import { openLaunchRecord } from '../../dev/processes/launch-record.ts'
import { startStack } from '../../dev/stack.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('a data folder that cannot be used', () => {
  it('is named, with why and what to do', async () => {
    const file = join(await tempDir(), 'file')
    await writeFile(file, '')
    const dataDir = join(file, 'data')
    await assert.rejects(startStack({ dataDir, log: () => {} }), {
      message: `The data folder ${dataDir} can't be used (ENOTDIR: not a directory, mkdir '${dataDir}'): mend its permissions or its disk, or name another by --data FOLDER`,
    })
  })

  it('is told from whatever else a file system objects to', () => {
    const readOnly = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS', path: '/shop/data/logs' })
    assert.match(String(dataFolderError(readOnly, '/shop/data')), /data folder \/shop\/data can't be used \(EROFS/)
    const elsewhere = Object.assign(readOnly, { path: '/usr/bin/temporal' })
    assert.equal(dataFolderError(elsewhere, '/shop/data'), elsewhere)
  })

  it('is named if its record is damaged', async () => {
    const dir = await tempDir()
    await writeFile(join(dir, 'launch.json'), '{"launcher":')
    assert.throws(() => openLaunchRecord(dir), /launch\.json is damaged.*end what runs of it, then remove the file/)
  })

  it('is named if the cluster of PostgreSQL in it is damaged, or its password lost', async () => {
    const dataDir = await tempDir()
    await mkdir(join(dataDir, 'cluster'))
    await writeFile(join(dataDir, 'cluster', 'PG_VERSION'), '18\n')
    await assert.rejects(startPostgres({ dataDir, port: 0 }), /password is lost \(ENOENT.*npm start -- --reset/)
    await writeFile(join(dataDir, 'password'), 'secret')
    await chmod(join(dataDir, 'cluster'), 0o777)
    await assert.rejects(
      startPostgres({ dataDir, port: 0 }),
      /did not become ready: if its data is damaged, empty \S+ \(npm start -- --reset\); .*ends with:/s,
    )
  })
})
