import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { tempDir } from '../support/temp-dir.ts'

const PROJECT = resolve(import.meta.dirname, '../..')
const BUF = join(PROJECT, 'node_modules/.bin/buf')
/** Stricter than those of buf.yaml: no method may be missing. The option is what Go code would be called. */
const RULES = JSON.stringify({
  version: 'v2',
  modules: [{ path: 'proto' }],
  breaking: { use: ['PACKAGE'], except: ['FILE_SAME_GO_PACKAGE'] },
})
const ORIGINAL = join(import.meta.dirname, 'original')

describe('the contract of the order service', () => {
  it("is the original's: no name, number or type of it is changed or missing", async () => {
    assert.equal(await breaks(PROJECT), '')
  })

  for (const [what, there, instead] of [
    ['a number that is changed', 'string order_sn = 3;', 'string order_sn = 13;'],
    ['a method that is missing', 'rpc OrderDelete(OrderDelRequest) returns (google.protobuf.Empty);', ''],
  ] as const) {
    it(`is found broken by ${what}`, async () => {
      const copy = await tempDir()
      for (const name of ['proto', 'buf.yaml']) await cp(join(PROJECT, name), join(copy, name), { recursive: true })
      const file = join(copy, 'proto/order.proto')
      const text = await readFile(file, 'utf8')
      assert.ok(text.includes(there))
      await writeFile(file, text.replace(there, instead))
      assert.match(await breaks(copy), /order_sn|OrderDelete/)
    })
  }
})

/** @returns what buf says is broken; nothing if all of the original's contract is kept */
async function breaks(project: string): Promise<string> {
  return await promisify(execFile)(BUF, ['breaking', '--against', ORIGINAL, '--config', RULES], { cwd: project }).then(
    () => '',
    ({ stdout, stderr }) => `${stdout}${stderr}`,
  )
}
