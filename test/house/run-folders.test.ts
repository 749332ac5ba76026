import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type RunFoldersOptions, runFolders } from '../support/run-folders.ts'
import { startsStack } from '../support/starts-stack.ts'
import { tempDir } from '../support/temp-dir.ts'
import { testFiles } from '../support/test-files.ts'

/** A test file for each folder; a second one of a folder is named behind it. */
const FOLDERS = {
  passes: "it('passes', () => {})\nit.skip('is left out', () => {})\n",
  fails: "it('passes', () => {})\nit('fails', () => assert.fail('on purpose'))\n",
  breaks: "throw new Error('cannot be loaded')\n",
  dies: "it('passes', () => {})\nit('dies', () => process.exit(0))\n",
  lasts: "it('lasts', (done) => { setTimeout(done, 2_000) })\n",
  light: "it('is light', (done) => { setTimeout(done, 1_000) })\n",
  heavy: "it('is heavy', (done) => { setTimeout(done, 1_000) })\n",
  weighty: "it('is weighty', (done) => { setTimeout(done, 3_000) })\n",
  'passes/two': "it('passes', () => {})\nit.skip('is left out', () => {})\n",
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
    const [, again = ''] = /, what failed there\n(.*)$/s.exec(text) ?? []
    assert.match(again, /on purpose/)
    assert.match(again, /cannot be loaded/)
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

  it('begins with heavy files, the longest folder first, and runs no more of them at once than it may', async () => {
    const { text } = await run(['light', 'heavy', 'weighty'], {
      atOnce: 3,
      isHeavy: (file) => !file.includes('/light/'),
      heavyAtOnce: 1,
      first: ['light', 'weighty'],
    })
    const events = [...text.matchAll(/(\w+)(?: (begins)|, (took) \d+ s)$/gm)].map(
      ([, name, begins]) => `${name} ${begins ?? 'ends'}`,
    )
    assert.equal(events[0], 'weighty begins')
    assert.ok(events.indexOf('weighty ends') < events.indexOf('heavy begins'), events.join(', '))
    assert.ok(events.indexOf('light begins') < events.indexOf('weighty ends'), events.join(', '))
    assert.match(text, /\n3 passed, 0 failed\n$/)
  })

  it('runs the heavy files of a folder apart from its others, and these together with those of another folder if asked to', async () => {
    const { text } = await run(['passes', 'passes/two', 'light'], {
      isHeavy: (file) => file.endsWith('two.test.ts'),
      together: [['light', 'passes']],
    })
    const begun = [...text.matchAll(/^(.*) begins$/gm)].map(([, folders = '']) => folders.split(', ').map((one) => basename(one)))
    assert.deepEqual(begun, [['passes'], ['light', 'passes']])
    assert.match(text, /\n3 passed, 0 failed, 2 skipped\n$/)
  })

  it('runs the heavy files of several folders together if asked to, apart from their others', async () => {
    const { text } = await run(['passes', 'passes/two', 'light'], {
      isHeavy: (file) => !file.endsWith('two.test.ts'),
      heavyTogether: [['light', 'passes']],
    })
    const begun = [...text.matchAll(/^(.*) begins$/gm)].map(([, folders = '']) => folders.split(', ').map((one) => basename(one)))
    assert.deepEqual(begun, [['light', 'passes'], ['passes']])
    assert.match(text, /\n3 passed, 0 failed, 2 skipped\n$/)
  })

  it('takes a test for heavy if it starts a whole stack, whatever it imports for it', async () => {
    const heavy = (await testFiles()).filter(startsStack)
    const some = ['test/e2e/http.test.ts', 'test/dev/start.test.ts', 'test/bench/bench.test.ts', 'test/house/build.test.ts']
    for (const one of some) assert.ok(heavy.includes(one), one)
    const others = ['test/workflows/create-order.test.ts', 'test/deploy/rules.test.ts', 'test/house/run-folders.test.ts']
    for (const one of others) assert.ok(!heavy.includes(one), one)
  })

  async function run(names: (keyof typeof FOLDERS)[], options: Partial<RunFoldersOptions> = {}) {
    const dir = await tempDir()
    const files = names.map((name) => `${join(dir, ...(name.includes('/') ? [name] : [name, 'one']))}.test.ts`)
    for (const [i, name] of names.entries()) {
      await mkdir(dirname(files[i] as string), { recursive: true })
      await writeFile(files[i] as string, `import assert from 'node:assert/strict'\n${FOLDERS[name]}`)
    }
    let text = ''
    const status = await runFolders(files, {
      atOnce: 2,
      ...options,
      first: options.first?.map((name) => join(dir, name)) ?? [],
      together: options.together?.map((names) => names.map((name) => join(dir, name))) ?? [],
      heavyTogether: options.heavyTogether?.map((names) => names.map((name) => join(dir, name))) ?? [],
      print: (more) => {
        text += more
      },
    })
    return { status, text }
  }
})
