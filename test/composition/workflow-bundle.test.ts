import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleFor, bundleWorkflows, workflowOptions } from '../../composition/workflow-bundle.ts'
import { tempDir } from '../support/temp-dir.ts'

const plain = { encrypted: false, payloadCodecs: [] }

describe('the workflows, bundled beforehand', () => {
  let file: string

  before(async () => {
    file = join(await tempDir(), 'workflow-bundle.js')
    await bundleWorkflows(file)
  })

  it('are what a worker of this build takes', async () => {
    const { workflowBundle, workflowsPath } = await workflowOptions({ bundled: file, ...plain })
    assert.equal(workflowsPath, undefined)
    assert.ok(workflowBundle && 'code' in workflowBundle)
    assert.match(workflowBundle.code, /createOrders/)
  })

  it('are not taken from another build', async () => {
    const code = await readFile(file, 'utf8')
    for (const other of [code.replace(/[0-9a-f]{64}/, '0'.repeat(64)), code.replace(/^\/\*.*?\*\//, ''), '']) {
      await writeFile(file, other)
      await assert.rejects(
        workflowOptions({ bundled: file, ...plain }),
        /WORKFLOW_BUNDLE .* was made of other workflows .*: npm run build makes it anew$/,
      )
    }
  })

  it('are taken from the file beside it by a worker that encrypts, whose failures have their messages in payloads', async () => {
    const encrypted = { bundled: file, encrypted: true, payloadCodecs: [] }
    await assert.rejects(
      workflowOptions(encrypted),
      /workflow-bundle-encrypted\.js can't be read \(ENOENT\): npm run build makes it$/,
    )
    await bundleWorkflows(bundleFor(file, { encrypted: true }), { encrypted: true })
    const { workflowBundle, dataConverter } = await workflowOptions(encrypted)
    assert.ok(workflowBundle && 'code' in workflowBundle)
    assert.match(workflowBundle.code, /encodeCommonAttributes: true/)
    assert.match(dataConverter?.failureConverterPath ?? '', /failure-converter\.ts$/)
  })

  it('are taken from a file of their own by a worker that sends traces, which bundles them itself without it', async () => {
    const traced = { bundled: file, traced: true, ...plain }
    const itself = await workflowOptions(traced)
    assert.equal(itself.workflowBundle, undefined)
    assert.match(itself.workflowsPath ?? '', /workflows\/index\.ts$/)
    await bundleWorkflows(bundleFor(file, { traced: true }), { traced: true })
    const { workflowBundle } = await workflowOptions(traced)
    assert.ok(workflowBundle && 'code' in workflowBundle)
    assert.match(workflowBundle.code, /OpenTelemetryOutboundInterceptor/)
    assert.doesNotMatch(await readFile(bundleFor(file, { encrypted: true }), 'utf8'), /OpenTelemetryOutboundInterceptor/)
  })

  it('are bundled by the worker itself if there is no file', async () => {
    const { workflowBundle, workflowsPath } = await workflowOptions({ bundled: undefined, ...plain })
    assert.equal(workflowBundle, undefined)
    assert.match(workflowsPath ?? '', /workflows\/index\.ts$/)
  })
})
