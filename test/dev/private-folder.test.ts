import assert from 'node:assert/strict'
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makePrivateFolder } from '../../dev/private-folder.ts'
import { openForOthers } from '../support/open-for-others.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('the data folder', () => {
  const umask = process.umask()
  afterEach(() => process.umask(umask))

  it('is closed to other accounts, with all that an earlier release left open in it, and what is written from then on', async () => {
    const dir = join(await tempDir(), 'data')
    const logs = join(dir, 'logs')
    await mkdir(logs, { recursive: true, mode: 0o755 })
    for (const file of [join(dir, 'temporal.db'), join(logs, 'worker.log')]) {
      await writeFile(file, 'a name')
      await chmod(file, 0o644)
    }
    // Whatever the umask is that this file was begun under.
    for (const folder of [dir, logs]) await chmod(folder, 0o755)
    assert.equal((await openForOthers(dir)).length, 4, 'the test sees what is open')

    makePrivateFolder(dir)
    await writeFile(join(dir, 'temporal.db-wal'), 'a name')
    await mkdir(join(dir, 'more'))
    assert.deepEqual(await openForOthers(dir), [])
    assert.equal((await stat(join(dir, 'more'))).mode & 0o777, 0o700)
  })
})
