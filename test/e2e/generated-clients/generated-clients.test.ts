import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { access, copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import openapiTS, { astToString } from 'openapi-typescript'
import { type TestStack, testStack } from '../../support/stack.ts'
import { freshUser } from '../shop.ts'

const run = promisify(execFile)
const PROJECT = join(import.meta.dirname, '../../..')
/** Folder of what is generated: within the project, so that it finds its packages. */
const FOLDER = join(PROJECT, '.data/generated-clients')
const PYTHON_GENERATOR = 'openapi-python-client==0.29.1'
const GOODS_ID = 66

/** View that a client has of an order that is paid and finished, and of another one that is cancelled and deleted. */
const LIFE = {
  refused: 'PriceChanged',
  created: ['PAYING', true],
  paid: 'accepted',
  cancelled: 'OrderPaid',
  finished: ['TRADE_FINISHED', 'TRADE_FINISHED'],
  closed: 'TRADE_CLOSED',
  deleted: 204,
  listed: [true],
}

describe('a client that is generated from the OpenAPI document drives the whole life of an order', () => {
  let stack: TestStack
  let document: string

  before(async () => {
    stack = await testStack()
    document = await (await fetch(`${stack.httpUrl}/openapi.json`)).text()
    await mkdir(FOLDER, { recursive: true })
  })

  it('in TypeScript: it compiles, and refuses to compile what the document does not allow', async () => {
    const folder = join(FOLDER, 'typescript')
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder)
    // The generator would otherwise require of a request each field that has a default.
    const schema = await openapiTS(JSON.parse(document), { defaultNonNullable: false })
    await writeFile(join(folder, 'schema.ts'), astToString(schema))
    await copyFile(join(import.meta.dirname, 'life.ts.txt'), join(folder, 'life.ts'))
    const settings = { extends: '../../../tsconfig.json', compilerOptions: { noEmit: true }, include: ['*.ts'], exclude: [] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    await ending(process.execPath, [join(PROJECT, 'node_modules/typescript/bin/tsc'), '-p', folder])
    const life = await ending(process.execPath, ['--import', 'tsx', join(folder, 'life.ts'), ...whose()])
    assert.deepEqual(JSON.parse(life), LIFE)
  })

  it('in Python', async function () {
    const bin = await pythonGenerator()
    if (typeof bin !== 'string') {
      console.log(`      no Python client was generated: ${PYTHON_GENERATOR} can't be had by pip here (${bin.why})`)
      return this.skip()
    }
    const folder = join(FOLDER, 'python')
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder)
    await writeFile(join(folder, 'openapi.json'), document)
    const output = ['--path', join(folder, 'openapi.json'), '--output-path', join(folder, 'shop_client'), '--meta', 'none']
    // Its formatter is found by the PATH.
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
    const said = await ending(join(bin, 'openapi-python-client'), ['generate', ...output], { env })
    assert.doesNotMatch(said, /WARNING|ERROR|Unable/, 'it takes all of the document')
    await ending(join(bin, 'python'), ['-m', 'compileall', '-q', folder])
    await copyFile(join(import.meta.dirname, 'life.py'), join(folder, 'life.py'))
    const life = await ending(join(bin, 'python'), [join(folder, 'life.py'), ...whose()])
    assert.deepEqual(JSON.parse(life), LIFE)
  })

  function whose(): string[] {
    return [stack.httpUrl, `${freshUser()}`, `${GOODS_ID}`]
  }
})

/** Runs a program to its end. @returns its output @throws Error with all that it said */
async function ending(program: string, args: string[], options: { env?: NodeJS.ProcessEnv } = {}): Promise<string> {
  try {
    return (await run(program, args, { cwd: PROJECT, ...options })).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return assert.fail(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)
  }
}

/** Installs the generator of Python clients below .data, once. @returns the folder of its programs, or why there is none */
async function pythonGenerator(): Promise<string | { why: string }> {
  const venv = join(FOLDER, 'venv')
  const bin = join(venv, 'bin')
  try {
    const isThere = await access(join(bin, 'openapi-python-client')).then(
      () => true,
      () => false,
    )
    if (!isThere) {
      await run('python3', ['-m', 'venv', venv])
      await run(join(bin, 'pip'), ['install', '--quiet', PYTHON_GENERATOR])
    }
    return bin
  } catch (error) {
    return { why: (error as Error).message.split('\n', 1)[0] ?? '' }
  }
}
