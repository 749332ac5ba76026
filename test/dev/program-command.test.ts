import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { COMPILED_IN, COMPILED_WORKFLOWS, programCommand } from '../../dev/processes/program-command.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('the command of a program', () => {
  const before = { [COMPILED_IN]: process.env[COMPILED_IN], WORKFLOW_BUNDLE: process.env.WORKFLOW_BUNDLE }
  let folder: string

  beforeEach(async () => {
    folder = await tempDir()
    await mkdir(join(folder, 'services'), { recursive: true })
    for (const file of ['worker.js', 'services/main.js']) await writeFile(join(folder, file), '')
    Object.assign(process.env, { [COMPILED_IN]: folder, WORKFLOW_BUNDLE: 'of-tests.js' })
  })
  afterEach(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })

  it('is the compiled program, with the workflows that were compiled with it', () => {
    const { args, env } = programCommand('worker.ts', { A: '1', WORKFLOW_BUNDLE: 'of-tests.js' })
    assert.deepEqual([args, env], [[join(folder, 'worker.js')], { A: '1', WORKFLOW_BUNDLE: join(folder, COMPILED_WORKFLOWS) }])
    assert.deepEqual(programCommand('services/main.ts', {}), {
      command: process.execPath,
      args: [join(folder, 'services/main.js')],
      env: {},
    })
  })

  it('is its source if it was not compiled, if it is given other workflows, and without npm test', () => {
    assert.deepEqual(programCommand('starter.ts', {}).args, ['--import', 'tsx', 'starter.ts'])
    assert.deepEqual(programCommand('worker.ts', { WORKFLOW_BUNDLE: 'other.js' }).args, ['--import', 'tsx', 'worker.ts'])
    delete process.env.WORKFLOW_BUNDLE
    assert.deepEqual(programCommand('worker.ts', {}).args, ['--import', 'tsx', 'worker.ts'])
    Object.assign(process.env, { WORKFLOW_BUNDLE: 'of-tests.js' })
    delete process.env[COMPILED_IN]
    assert.deepEqual(programCommand('worker.ts', {}).args, ['--import', 'tsx', 'worker.ts'])
  })
})
