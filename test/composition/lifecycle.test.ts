import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const PROJECT = join(import.meta.dirname, '../..')

describe('a composition root', () => {
  const ended = (main: string) => {
    const script = `import { run } from './composition/lifecycle.ts'; setInterval(() => {}, 1000); run(async () => { ${main} })`
    const args = ['--import', 'tsx', '--input-type=module', '-e', script]
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: PROJECT, encoding: 'utf8' })
    return [status, stderr.trim()]
  }

  it('ends its process with the status that it has set, or 0, whatever still keeps it alive', () => {
    assert.deepEqual(ended(''), [0, ''])
    assert.deepEqual(ended('process.exitCode = 1'), [1, ''])
  })

  it('ends it with status 1 and its own words if it can not go on', () => {
    assert.deepEqual(ended("throw new Error('PostgreSQL is away: start it')"), [1, 'PostgreSQL is away: start it'])
  })
})
