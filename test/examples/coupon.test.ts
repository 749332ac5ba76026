import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'
import { REGISTRATIONS, type Registration, register } from '../../examples/coupon/registrations.ts'
import { ScratchTree } from '../proof/mutation/scratch-tree.ts'

const PROJECT = join(import.meta.dirname, '../..')
/** Files in which a missing registration has to be noticed: what a participant says of itself, and where it is joined with the rest. */
const LOOKED_AT = [
  'examples/coupon/coupon.ts',
  'composition/party-clients.ts',
  'composition/order-worker.ts',
  'activities/create-activities.ts',
]

/** The project's types with some registrations made in memory; what did not change is read and parsed once. */
class Checked {
  readonly #options: ts.CompilerOptions
  readonly #roots: string[]
  readonly #parsed = new Map<string, { text: string; file: ts.SourceFile }>()
  #before: ts.Program | undefined

  constructor() {
    const file = join(PROJECT, 'tsconfig.build.json')
    const config = ts.parseJsonConfigFileContent(ts.readConfigFile(file, ts.sys.readFile).config, ts.sys, PROJECT)
    this.#options = { ...config.options, noEmit: true }
    this.#roots = [...config.fileNames, join(PROJECT, 'examples/coupon/coupon.ts')]
  }

  /** @returns the compiler's messages */
  problems(registrations: readonly Registration[], where: 'everywhere' | readonly string[] = LOOKED_AT): string[] {
    const host = ts.createCompilerHost(this.#options)
    host.getSourceFile = (name, options) => {
      const registration = registrations.find(({ file }) => join(PROJECT, file) === name)
      const found = ts.sys.readFile(name)
      if (found === undefined) return undefined
      const text = registration ? register(found, registration) : found
      const known = this.#parsed.get(name)
      if (known?.text === text) return known.file
      const file = ts.createSourceFile(name, text, options)
      this.#parsed.set(name, { text, file })
      return file
    }
    const program = ts.createProgram(this.#roots, this.#options, host, this.#before)
    this.#before = program
    const files = where === 'everywhere' ? [undefined] : where.map((file) => program.getSourceFile(join(PROJECT, file)))
    return files.flatMap((file) =>
      program.getSemanticDiagnostics(file).map(({ file: at, messageText }) => {
        const message = ts.flattenDiagnosticMessageText(messageText, '\n')
        return `${at?.fileName.slice(PROJECT.length + 1)}: ${message}`
      }),
    )
  }
}

describe('the worked example of a participant', () => {
  it('touches at most ten files of the product, which CONTRIBUTING names, and no other', () => {
    assert.ok(REGISTRATIONS.length <= 10)
    const [, section = ''] = readFileSync(join(PROJECT, 'CONTRIBUTING.md'), 'utf8').split(/^## Adding a participant$/m)
    const [table = ''] = section.split(/^## /m)
    const named = [...table.matchAll(/^\| `([\w/-]+\.ts)` \|/gm)].map(([, file]) => file)
    assert.deepEqual(named, ['contracts/participants/coupon.ts', ...REGISTRATIONS.map(({ file }) => file)])
  })

  describe('type-checked', () => {
    const checked = new Checked()

    it('is right when all of it is registered', () => {
      assert.deepEqual(checked.problems(REGISTRATIONS, 'everywhere'), [])
    })

    for (const missing of REGISTRATIONS) {
      it(`is noticed by the compiler if ${missing.file} is forgotten`, () => {
        const problems = checked.problems(REGISTRATIONS.filter((one) => one !== missing))
        assert.notDeepEqual(problems, [])
        assert.match(problems.join('\n'), /coupon/i, 'the message says what is missing')
      })
    }
  })

  it('takes part in both lanes on the real stack', async () => {
    const tree = await ScratchTree.make()
    try {
      for (const registration of REGISTRATIONS) {
        const path = join(tree.path, registration.file)
        await writeFile(path, register(await readFile(path, 'utf8'), registration))
      }
      // Those of the unchanged tree would be refused: they are other workflows.
      const { WORKFLOW_BUNDLE: _, ...env } = process.env
      const mocha = spawn(
        process.execPath,
        [join('node_modules', 'mocha', 'bin', 'mocha.js'), 'examples/coupon/coupon.test.ts'],
        { cwd: tree.path, env },
      )
      let output = ''
      for (const stream of [mocha.stdout, mocha.stderr]) stream.on('data', (chunk) => (output += chunk))
      const [code] = await once(mocha, 'close')
      assert.equal(code, 0, output.slice(-8_000))
      assert.match(output, /[1-9]\d* passed, 0 failed/)
    } finally {
      await tree.remove()
    }
  })
})
