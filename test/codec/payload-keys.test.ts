import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPayloadKeys } from '../../codec/payload-keys.ts'
import { ReloadedFile } from '../../codec/reloaded-file.ts'
import { until } from '../e2e/faults/until.ts'
import { keysFile, writeKeys } from '../support/payload-keys.ts'
import { tempDir } from '../support/temp-dir.ts'

const KEY = Buffer.alloc(32, 1).toString('base64')

describe('a file of payload keys', () => {
  it('has an id and a key a line; the first encrypts', async () => {
    const path = join(await tempDir(), 'keys')
    writeFileSync(path, `# newest first\n\nk2 ${KEY}\r\n  k.1_a-b   ${KEY}  \n`, { mode: 0o600 })
    const { first, byId } = readPayloadKeys(path)
    assert.equal(first.id, 'k2')
    assert.deepEqual([...byId.keys()], ['k2', 'k.1_a-b'])
  })

  it('is refused if others than its owner may read or write it', async () => {
    const path = await keysFile('k1')
    for (const mode of [0o640, 0o604, 0o620, 0o644]) {
      chmodSync(path, mode)
      assert.throws(() => readPayloadKeys(path), /others than its owner may use .*: chmod 0400/, mode.toString(8))
    }
    chmodSync(path, 0o400)
    assert.equal(readPayloadKeys(path).first.id, 'k1')
  })

  it('is refused if it is not there, has no key, or one of another length, and nothing of it is repeated', async () => {
    const path = join(await tempDir(), 'keys')
    assert.throws(() => readPayloadKeys(path), /can't be read \(ENOENT\)/)
    const short = Buffer.alloc(16, 2).toString('base64')
    const wrong: [string, RegExp][] = [
      ['# nothing\n', /without a key/],
      [`k1 ${short}\n`, /line 1 has a key that is not 32 bytes in base64/],
      [`k1 ${KEY.slice(0, -1)}\n`, /line 1 has a key that is not 32 bytes in base64/],
      [`k1 ${KEY}\nk1 ${KEY}\n`, /line 2 has an id that another line has/],
      [`${KEY}\n`, /line 1 is not an id/],
      [`k/1 ${KEY}\n`, /line 1 is not an id/],
    ]
    for (const [text, why] of wrong) {
      writeFileSync(path, text, { mode: 0o600 })
      assert.throws(
        () => readPayloadKeys(path),
        ({ message }: Error) =>
          why.test(message) && !message.includes(KEY) && !message.includes(short) && !message.includes(path),
        text,
      )
    }
  })

  it('is read again when it changes; a wrong one is reported once, and the keys of before stay', async () => {
    const path = await keysFile('k1')
    const problems: string[] = []
    const file = new ReloadedFile(path, readPayloadKeys, (problem) => problems.push(problem))
    writeFileSync(path, 'half a fi')
    await until('the change is noticed', () => {
      assert.equal(file.recent.first.id, 'k1')
      assert.equal(problems.length, 1)
    })
    assert.equal(file.latest.byId.get('k2'), undefined)
    writeKeys(path, 'k2', 'k1')
    await until('the mended file is read', () => assert.equal(file.recent.first.id, 'k2'))
    assert.ok(file.recent.byId.get('k1'))
    assert.equal(problems.length, 1)
  })
})
