import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { tempDir } from '../support/temp-dir.ts'

const PROJECT = resolve(import.meta.dirname, '../..')

/** Mistakes that the linter must find: file, source, rule. */
const LINT: [file: string, source: string, rule: string][] = [
  ['floating.ts', 'async function save() {}\nexport function leave() {\n  save()\n}\n', 'nursery/noFloatingPromises'],
  ['type.ts', "import { Server } from 'node:net'\nexport type Listener = Server\n", 'style/useImportType'],
  ['unused.ts', "import { join } from 'node:path'\nexport const one = 1\n", 'correctness/noUnusedImports'],
  ['parameter.ts', 'export function one(two: number) {\n  return 1\n}\n', 'correctness/noUnusedFunctionParameters'],
  ['default.ts', 'export default 1\n', 'style/noDefaultExport'],
  ['BadName.ts', 'export const one = 1\n', 'style/useFilenamingConvention'],
  ['long.ts', `export const one = [\n${'  1,\n'.repeat(400)}]\n`, 'style/noExcessiveLinesPerFile'],
  ['tangle.ts', tangle(), 'complexity/noExcessiveCognitiveComplexity'],
  ['sure.ts', 'export const first = (list: string[]) => list[0]!.length\n', 'style/noNonNullAssertion'],
  ['assign.ts', 'export function next(n: number) {\n  n += 1\n  return n\n}\n', 'style/noParameterAssign'],
  ['array.ts', 'export const list: Array<string> = []\n', 'style/useConsistentArrayType'],
  ['throw.ts', "export function fail() {\n  throw 'no'\n}\n", 'style/useThrowOnlyError'],
  ['mute.ts', 'export const error = new Error()\n', 'suspicious/useErrorMessage'],
  ['evolving.ts', 'export function one() {\n  let list = []\n  list = [1]\n  return list\n}\n', 'suspicious/noEvolvingTypes'],
  ['any.ts', 'export const one: any = 1\n', 'suspicious/noExplicitAny'],
  ['focused.test.ts', "describe.only('one', () => {})\n", 'suspicious/noFocusedTests'],
  ['loose.test.ts', "import assert from 'node:assert'\n\nassert.ok(1)\n", 'style/useNodeAssertStrict'],
]

/** Mistakes that the compiler must find: file, source, code. */
const TYPES: [file: string, source: string, code: string][] = [
  ['wrong.ts', "export const one: number = '1'\n", 'TS2322'],
  ['null.ts', 'export const length = (text?: string) => text.length\n', 'TS18048'],
  ['index.ts', 'export const length = (list: string[]) => list[0].length\n', 'TS2532'],
  ['optional.ts', 'export const one: { two?: number } = { two: undefined }\n', 'TS2375'],
  ['enum.ts', 'export enum Colour {\n  Red,\n}\n', 'TS1294'],
  ['parameter.ts', 'export class One {\n  constructor(readonly two: number) {}\n}\n', 'TS1294'],
  ['type.ts', "import { AddressInfo } from 'node:net'\nexport type Address = AddressInfo\n", 'TS1484'],
  ['extension.ts', "export { one } from './wrong'\n", 'TS2835'],
  ['override.ts', 'class One {\n  two() {}\n}\nexport class Three extends One {\n  two() {}\n}\n', 'TS4114'],
  [
    'through.ts',
    'export const f = (n: number) => {\n  switch (n) {\n    case 1:\n      n.toFixed()\n    default:\n  }\n}\n',
    'TS7029',
  ],
]

describe('house checks', () => {
  it('the linter finds what breaks its rules, and fails', async () => {
    const dir = await write(LINT)
    await copyFile(join(PROJECT, 'biome.json'), join(dir, 'biome.json'))
    const { status, stdout } = await run(
      '@biomejs/biome/bin/biome',
      ['check', '--error-on-warnings', '--formatter-enabled=false', '--reporter=json', '--max-diagnostics=none', '.'],
      dir,
    )
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { severity: string; category: string; location: { path: string } }[]
    }
    const errors = diagnostics
      .filter(({ severity }) => severity !== 'information')
      .map((d) => `${d.location.path}: ${d.category}`)
    assert.deepEqual(errors.sort(), LINT.map(([file, , rule]) => `${file}: lint/${rule}`).sort())
    assert.notEqual(status, 0)
  })

  it('the compiler finds what breaks its rules, and fails', async () => {
    const dir = await write(TYPES)
    await writeFile(join(dir, 'package.json'), '{ "type": "module" }')
    await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({ extends: join(PROJECT, 'tsconfig.json'), include: ['*.ts'] }))
    const { status, stdout } = await run('typescript/bin/tsc', ['-p', '.', '--pretty', 'false'], dir)
    const errors = [...stdout.matchAll(/^([\w.]+)\(.*?error (TS\d+)/gm)].map(([, file, code]) => `${file}: ${code}`)
    assert.deepEqual(errors.sort(), TYPES.map(([file, , code]) => `${file}: ${code}`).sort())
    assert.notEqual(status, 0)
  })
})

async function write(files: readonly [file: string, source: string, problem: string][]): Promise<string> {
  const dir = await tempDir()
  for (const [file, source] of files) await writeFile(join(dir, file), source)
  await symlink(join(PROJECT, 'node_modules'), join(dir, 'node_modules'))
  return dir
}

/** Runs a tool of node_modules. */
function run(tool: string, args: string[], cwd: string): Promise<{ status: number | null; stdout: string }> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [join(PROJECT, 'node_modules', tool), ...args], { cwd }, (_, stdout) => {
      done({ status: child.exitCode, stdout })
    })
  })
}

/** A function of loops in loops, each with a condition: 1 + 2 + … points of cognitive complexity. */
function tangle(depth = 6): string {
  const inner = (level: number): string =>
    level === 0 ? 'n++' : `for (const a of n ? [1] : [2]) {\n if (a) { ${inner(level - 1)} }\n}`
  return `export function tangle() {\n  let n = 0\n  ${inner(depth)}\n  return n\n}\n`
}
