import assert from 'node:assert/strict'
import { copyFile, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { TlsFiles, type TlsFilesListener } from '../../tls/tls-files.ts'
import { until } from '../e2e/faults/until.ts'
import { certificate } from '../support/certificate.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('files of TLS', () => {
  const heard: string[] = []
  const listener: TlsFilesListener = { changed: () => heard.push('changed'), failed: (reason) => heard.push(reason) }
  let unfollow: () => void = () => {}

  beforeEach(() => heard.splice(0))
  afterEach(() => unfollow())

  it('are read again when they change, by a link that is turned as well', async () => {
    const dir = await tempDir()
    for (const name of ['first', 'second'] as const) {
      await copyFile(certificate(`${name}.pem`), join(dir, `${name}.pem`))
      await copyFile(certificate(`${name}.key`), join(dir, `${name}.key`))
    }
    for (const part of ['pem', 'key']) await symlink(`first.${part}`, join(dir, `tls.${part}`))
    const files = follow({ cert: join(dir, 'tls.pem'), key: join(dir, 'tls.key') })
    const first = files.current.cert
    for (const part of ['key', 'pem']) {
      await symlink(`second.${part}`, join(dir, 'next'))
      await rename(join(dir, 'next'), join(dir, `tls.${part}`))
    }
    await until('the change is seen', () => assert.ok(heard.includes('changed'), 'not yet'))
    assert.notDeepEqual(files.current.cert, first)
  })

  it('stay in use as they were while certificate and key do not belong together, or are away; that is said once', async () => {
    const dir = await tempDir()
    const [cert, key] = [join(dir, 'tls.pem'), join(dir, 'tls.key')]
    await copyFile(certificate('first.pem'), cert)
    await copyFile(certificate('first.key'), key)
    const files = follow({ cert, key })
    const before = files.current
    await copyFile(certificate('second.pem'), cert)
    await until('the half is seen', () => assert.ok(heard.length > 0, 'not yet'))
    await rm(key)
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.deepEqual(files.current, before)
    assert.deepEqual(heard, ['ERR_OSSL_X509_KEY_VALUES_MISMATCH'])
    await copyFile(certificate('second.key'), key)
    await until('the other half is seen', () => assert.ok(heard.includes('changed'), 'not yet'))
  })

  it('are refused if they are none from the beginning', () => {
    assert.throws(() => new TlsFiles({ cert: certificate('first.pem'), key: certificate('second.key') }), /mismatch/)
  })

  function follow(paths: { cert: string; key: string }): TlsFiles {
    const files = new TlsFiles(paths, listener, { lookEveryMs: 10 })
    unfollow = files.follow(() => {})
    return files
  }
})
