import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identify } from '../../../dev/processes/process-identity.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { runTests } from './run-tests.ts'

const PROJECT = join(import.meta.dirname, '../../..')
/** A process in a group of its own that holds the output open, as servers do. */
const STARTS = `
const { spawn } = require('node:child_process')
const { writeFileSync } = require('node:fs')
it('starts a server', () => {
  const { pid } = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 3_600_000)'], { detached: true, stdio: 'inherit' })
  writeFileSync(PID_FILE, String(pid))
})
`

describe('the tests of a removed safeguard', () => {
  it('are ended when no test ends any more, however much is said, with the servers that they started', async () => {
    for (const hangs of ['for (;;);', 'setInterval(() => console.log("still here"), 500); return new Promise(() => {})']) {
      const dir = await tempDir()
      const [file, pidFile] = [join(dir, 'hangs.test.cjs'), join(dir, 'pid')]
      writeFileSync(file, `${STARTS.replace('PID_FILE', JSON.stringify(pidFile))}\nit('hangs', () => { ${hangs} })\n`)
      const { verdict, output } = await runTests(PROJECT, [file], 20_000)
      assert.equal(verdict, 'hung', output)
      assert.equal(identify(Number(readFileSync(pidFile, 'utf8'))), undefined, 'the server outlived its tests')
    }
  })

  it('tell whether one failed, all passed, or none began', async () => {
    for (const [code, verdict] of [
      ["it('passes', () => {})", 'passed'],
      ["it('fails', () => { throw new Error('on purpose') })", 'failed'],
      ['throw new Error("cannot be loaded")', 'broken'],
    ] as const) {
      const file = join(await tempDir(), 'one.test.cjs')
      writeFileSync(file, code)
      assert.equal((await runTests(PROJECT, [file])).verdict, verdict)
    }
  })
})
