import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type RunFoldersOptions, runFolders } from '../support/run-folders.ts'
import { tempDir } from '../support/temp-dir.ts'

/** A test file for each folder. */
const FOLDERS = {
  passes: "it('passes', () => {})\nit.skip('is left out', () => {})\n",
  fails: "it('passes', () => {})\nit('fails', () => assert.fail('on purpose'))\n",
  breaks: "throw new Error('cannot be loaded')\n",
  dies: "it('passes', () => {})\nit('dies', () => process.exit(0))\n",
  lasts: "it('lasts', (done) => { setTimeout(done, 2_000) })\n",
  hangs: "it('hangs', () => { for (;;); })\n",
}

describe('a run of test folders', () => {
  it('ends with one line that sums up all of them, and status 0 if nothing failed', async () => {
    const { status, text } = await run(['passes'])
    assert.match(text, /✔.* passes.*\n1 passed, 0 failed, 1 skipped\n$/s)
    assert.equal(status, 0)
  })

  it('takes for failed what fails, cannot be loaded, or dies, says where, and leaves with status 1', async () => {
    const { status, text } = await run(['passes', 'fails', 'breaks', 'dies'])
    assert.match(text, /on purpose/)
    assert.match(text, /cannot be loaded/)
    const [, failed = ''] = /^failed: (.*)$/m.exec(text) ?? []
    assert.deepEqual(
      failed
        .split(', ')
        .map((folder) => basename(folder))
        .sort(),
      ['breaks', 'dies', 'fails'],
    )
    assert.match(text, /\n2 passed, 3 failed, 1 skipped\n$/)
    assert.equal(status, 1)
  })

  it('names at once what takes long', async () => {
    const { text } = await run(['lasts'], { mochaArgs: ['--reporter-option', 'stillEvery=300'] })
    assert.match(text, /lasts: still in "lasts" after 0 min\n.*\n== .*lasts, took/s)
  })

  it('ends a folder that hangs, shows what it said, and takes it for failed', async () => {
    const { status, text } = await run(['hangs'], { silentAtMost: 10_000 })
    assert.match(text, /ended, since it had said nothing for 10 s/)
    assert.match(text, /\n0 passed, 1 failed\n$/)
    assert.equal(status, 1)
  })

  async function run(names: (keyof typeof FOLDERS)[], options: Partial<RunFoldersOptions> = {}) {
    const dir = await tempDir()
    const files = names.map((name) => join(dir, name, 'one.test.ts'))
    for (const [i, name] of names.entries()) {
      await mkdir(join(dir, name))
      await writeFile(files[i] as string, `import assert from 'node:assert/strict'\n${FOLDERS[name]}`)
    }
    let text = ''
    const status = await runFolders(files, {
      atOnce: 2,
      ...options,
      print: (more) => {
        text += more
      },
    })
    return { status, text }
  }
})
