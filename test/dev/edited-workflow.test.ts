import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { type Stack, startStack } from '../../dev/stack.ts'
import { until } from '../e2e/faults/until.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('npm start, while somebody edits a workflow', () => {
  const { WORKFLOW_BUNDLE: given } = process.env
  const lines: string[] = []
  let stack: Stack | undefined

  before(async () => {
    delete process.env.WORKFLOW_BUNDLE
    stack = await startStack({ dataDir: await tempDir(), anyPorts: true, log: (line) => lines.push(line) })
  })
  after(async () => {
    if (given !== undefined) process.env.WORKFLOW_BUNDLE = given
    await stack?.stop()
  })

  it('starts a worker that died with the workflows as they are by then', async () => {
    const { env, kill } = stack as Stack
    const file = env.WORKFLOW_BUNDLE ?? assert.fail('the stack has no bundle')
    const made = await readFile(file, 'utf8')
    // A bundle of other workflows than stand in the project now: as if one of them had been edited.
    await writeFile(file, made.replace(/[0-9a-f]{64}/, '0'.repeat(64)))
    kill('worker', 'SIGKILL')
    await until('the worker is up again', () =>
      assert.ok(
        lines.some((line) => /^worker ready again/.test(line)),
        lines.slice(-5).join('\n'),
      ),
    )
    assert.equal(await readFile(file, 'utf8'), made)
    assert.equal(lines.filter((line) => line === 'bundle done').length, 2)
  })

  it('bundles nothing anew if no workflow has changed', async () => {
    const { kill } = stack as Stack
    kill('starter', 'SIGKILL')
    await until('the starter is up again', () =>
      assert.ok(
        lines.some((line) => /^starter ready again/.test(line)),
        lines.slice(-5).join('\n'),
      ),
    )
    assert.equal(lines.filter((line) => line === 'bundle done').length, 2)
  })
})
