import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildPrograms } from '../../bench/temporal-server/build-programs.ts'
import { tempDir } from '../support/temp-dir.ts'

const never = new AbortController().signal

describe('the Temporal server that the bench builds', () => {
  const { PATH } = process.env
  afterEach(() => {
    process.env.PATH = PATH
  })

  it('names Go if there is none', async () => {
    process.env.PATH = await tempDir()
    await assert.rejects(
      buildPrograms(await tempDir(), () => {}, never),
      /^Error: go was not found: install Go/,
    )
  })

  it('is not built by a command that was stopped, which says by what', async () => {
    const stopped = AbortSignal.abort(new Error('stopped by SIGTERM'))
    await assert.rejects(
      buildPrograms(await tempDir(), () => {}, stopped),
      /^Error: stopped by SIGTERM$/,
    )
  })

  it('is built once for a data folder', async () => {
    process.env.PATH = await tempDir()
    const dataDir = await tempDir()
    await assert.rejects(
      buildPrograms(dataDir, () => {}, never),
      /go was not found/,
    )
    const [folder = ''] = await readdir(dataDir)
    const [server, sqlTool] = ['server', 'sql'].map((name) => join(dataDir, folder, name)) as [string, string]
    for (const file of [server, sqlTool]) await writeFile(file, '')
    const { version, ...programs } = await buildPrograms(dataDir, () => {}, never)
    assert.deepEqual(programs, { server, sqlTool })
    assert.equal(folder, `temporal-${version}`)
  })
})
