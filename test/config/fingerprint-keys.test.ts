import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyedFingerprints } from '../../composition/keyed-fingerprints.ts'
import { readFingerprintKeys } from '../../config/fingerprint-keys.ts'
import { tempDir } from '../support/temp-dir.ts'

const KEY = Buffer.alloc(32, 1).toString('base64')

describe('a file of fingerprint keys', () => {
  let path: string
  beforeEach(async () => {
    path = join(await tempDir(), 'keys')
  })

  it('has an id and a key a line, in their order; the word plain stands for no key', () => {
    write(`k2 ${KEY}\nbefore plain\n`)
    assert.deepEqual(readFingerprintKeys(path), [{ id: 'k2', secret: Buffer.alloc(32, 1) }, { id: 'before' }])
  })

  it('is refused if others may read it, if it has no key, or one that is none, and nothing of it is repeated', () => {
    for (const [text, problem] of [
      ['# nothing\n', /without a key/],
      [`k1 ${KEY.slice(4)}\n`, /line 1 has a key that is not 32 bytes in base64/],
      [`k.1 ${KEY}\n`, /line 1 has an id with a dot/],
    ] as const) {
      write(text)
      assert.throws(
        () => readFingerprintKeys(path),
        (error: Error) => problem.test(error.message) && !error.message.includes(KEY.slice(4)),
      )
    }
    write(`k1 ${KEY}\n`)
    chmodSync(path, 0o640)
    assert.throws(() => readFingerprintKeys(path), /others than its owner may use/)
  })

  it('is what rows are written by; without one they are plain, and a warning names the setting', () => {
    const warnings: string[] = []
    const warn = (text: string) => void warnings.push(text)
    assert.deepEqual(keyedFingerprints({}, warn).valuesOf('abc'), ['abc'])
    assert.match(warnings.join(), /FINGERPRINT_KEYS_FILE is not set/)
    write(`k1 ${KEY}\n`)
    const [written, ...others] = keyedFingerprints({ fingerprintKeysFile: path }, warn).valuesOf('abc')
    assert.match(written, /^[0-9a-f]{64}\.k1$/)
    assert.deepEqual(others, ['abc'])
    assert.equal(warnings.length, 1)
  })

  it('is missed by one line for each key that rows need, also if there is none', () => {
    write(`k1 ${KEY}\n`)
    for (const settings of [{ fingerprintKeysFile: path }, {}]) {
      const warnings: string[] = []
      const fingerprints = keyedFingerprints(settings, (text) => void warnings.push(text))
      for (const _ of [1, 2]) assert.throws(() => fingerprints.isOf(`${'0'.repeat(64)}.k9`, 'abc'))
      const missing = warnings.filter((text) => /key k9, which FINGERPRINT_KEYS_FILE lacks/.test(text))
      assert.equal(missing.length, 1)
    }
  })

  function write(text: string): void {
    writeFileSync(path, text, { mode: 0o600 })
    chmodSync(path, 0o600)
  }
})
