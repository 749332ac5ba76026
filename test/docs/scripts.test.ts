import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONTAINER_PROGRAMS } from '../../composition/container-programs.ts'
import { trackedFiles } from '../support/tracked-files.ts'

const PROJECT = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8')
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
/** Programs of the image that npm runs together, as `services`. */
const SERVICES = ['goods', 'inventory', 'user']

describe('the scripts of package.json', () => {
  it('are named in CONTRIBUTING, each', () => {
    const named = scriptsNamedIn(read('CONTRIBUTING.md'))
    assert.deepEqual(
      Object.keys(scripts).filter((name) => !named.has(name)),
      [],
    )
  })

  it('are there if a document names one', () => {
    // What a changelog says of a release may be gone since.
    const documents = trackedFiles('*.md').filter((file) => file !== 'CHANGELOG.md')
    const dead = documents.flatMap((file) =>
      [...scriptsNamedIn(read(file))].filter((name) => !(name in scripts)).map((name) => `${file}: ${name}`),
    )
    assert.deepEqual(dead, [])
  })

  it('run the modules that the image runs by the same names', () => {
    for (const [name, { module }] of Object.entries(CONTAINER_PROGRAMS)) {
      if (!SERVICES.includes(name)) assert.equal(scripts[name], `node run.cjs ${module}.ts`, name)
    }
  })
})

function scriptsNamedIn(text: string): Set<string> {
  const commands = text.matchAll(/\bnpm (?:run (?:-s )?(?<script>[a-z][\w:-]*\w)|(?<usual>start|test)\b)/g)
  return new Set([...commands].map(({ groups: { script, usual } = {} }) => script ?? usual ?? ''))
}
