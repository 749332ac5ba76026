import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { tempDir } from '../support/temp-dir.ts'

const PROJECT = join(import.meta.dirname, '../..')

describe('the npm scripts', () => {
  let scripts: Record<string, string>

  before(async () => {
    scripts = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')).scripts
  })

  it('run no program by a Node that nobody has asked for its version', () => {
    const unasked = Object.entries(scripts).filter(([, script]) => /node (?!run\.cjs ).*\.ts\b/.test(script))
    assert.deepEqual(unasked, [])
    for (const name of ['start', 'worker', 'starter', 'services', 'orders', 'migrate', 'register', 'test'])
      assert.match(scripts[name] ?? '', /^node run\.cjs \S+\.ts$/, name)
  })

  it('say in one line that Node is too old, and end with status 1', async () => {
    for (const version of ['18.20.8', '20.18.3']) {
      const { status, err } = await run(version)
      assert.equal(err, `Node 20.19 or newer is needed, this is ${version}: install another, or choose it (nvm use)\n`)
      assert.equal(status, 1)
    }
  })

  it('give a program its arguments', async () => {
    assert.deepEqual(await run(), { status: 0, out: 'one two\n', err: '' })
  })

  /** A program of two arguments, by a Node that says it is of that version. */
  async function run(version = process.versions.node) {
    const dir = await tempDir()
    const [pretend, program] = [join(dir, 'pretend.cjs'), join(dir, 'program.ts')]
    const versions = { ...process.versions, node: version }
    await writeFile(pretend, `Object.defineProperty(process, 'versions', { value: ${JSON.stringify(versions)} })\n`)
    await writeFile(program, 'const given: string[] = process.argv.slice(2)\nconsole.log(given.join(" "))\n')
    const child = spawn(process.execPath, ['--require', pretend, 'run.cjs', program, 'one', 'two'], { cwd: PROJECT })
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    return { status, out, err }
  }
})
