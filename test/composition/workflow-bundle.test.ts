import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleWorkflows, workflowOptions } from '../../composition/workflow-bundle.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('the workflows, bundled beforehand', () => {
  let file: string

  before(async () => {
    file = join(await tempDir(), 'workflow-bundle.js')
    await bundleWorkflows(file)
  })

  it('are what a worker of this build takes', async () => {
    const { workflowBundle, workflowsPath } = await workflowOptions(file)
    assert.equal(workflowsPath, undefined)
    assert.ok(workflowBundle && 'code' in workflowBundle)
    assert.match(workflowBundle.code, /createOrders/)
  })

  it('are not taken from another build', async () => {
    const code = await readFile(file, 'utf8')
    for (const other of [code.replace(/[0-9a-f]{64}/, '0'.repeat(64)), code.replace(/^\/\*.*?\*\//, ''), '']) {
      await writeFile(file, other)
      await assert.rejects(
        workflowOptions(file),
        /WORKFLOW_BUNDLE .* was made of other workflows .*: npm run build makes it anew$/,
      )
    }
  })

  it('are bundled by the worker itself if there is no file', async () => {
    const { workflowBundle, workflowsPath } = await workflowOptions(undefined)
    assert.equal(workflowBundle, undefined)
    assert.match(workflowsPath ?? '', /workflows\/index\.ts$/)
  })
})
