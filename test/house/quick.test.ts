import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { startsNothing } from '../support/starts-nothing.ts'
import { tempDir } from '../support/temp-dir.ts'
import { testFiles } from '../support/test-files.ts'

const PROJECT = resolve(import.meta.dirname, '../..')

describe('the quick tests', () => {
  it('are those that start neither processes nor a Temporal server, not by what they import either', async () => {
    const dir = await tempDir()
    const verdictOn = async (test: string, support = '') => {
      await mkdir(join(dir, 'support'), { recursive: true })
      await writeFile(join(dir, 'support/shop.ts'), support)
      await writeFile(join(dir, 'a.test.ts'), test)
      return startsNothing(join(dir, 'a.test.ts'))
    }
    const byShop = "import { shop } from './support/shop.ts'\n"
    assert.equal(await verdictOn("import assert from 'node:assert/strict'\nimport { connect } from 'node:http2'\n"), true)
    assert.equal(await verdictOn("import type { ChildProcess } from 'node:child_process'\n"), true)
    assert.equal(await verdictOn(byShop, "import './gone.ts'\n"), true)
    assert.equal(await verdictOn("import { spawn } from 'node:child_process'\n"), false)
    assert.equal(await verdictOn("import {\n  once,\n  spawn,\n} from 'node:child_process'\n"), false)
    assert.equal(await verdictOn(byShop, "export { TestWorkflowEnvironment } from '@temporalio/testing'\n"), false)
    assert.equal(await verdictOn(byShop, "export const worker = () => import('@temporalio/worker')\n"), false)
    assert.equal(await verdictOn(byShop, "import '@temporalio/worker'\nimport '../a.test.ts'\n"), false)
  })

  it('are most of the tests of contracts and settings, and none of the store or of the whole', async () => {
    const quick = (await testFiles()).filter((file) => startsNothing(join(PROJECT, file)))
    for (const one of ['test/contracts/money.test.ts', 'test/config/config.test.ts', 'test/house/clocks.test.ts'])
      assert.ok(quick.includes(one), one)
    for (const one of ['test/store/order-store.test.ts', 'test/workflows/create-order.test.ts', 'test/e2e/http.test.ts'])
      assert.ok(!quick.includes(one), one)
    assert.ok(quick.length > 60, `${quick.length} are quick`)
  })
})
