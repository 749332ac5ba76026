import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, Socket } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { namesOf } from '../../tls/names-of.ts'
import { peerCertificate } from '../../tls/peer-certificate.ts'
import { certificate } from '../support/certificate.ts'

describe('the names of a peer', () => {
  it('are the DNS names and URIs of its certificate, or its common name if it has no alternative ones', () => {
    const ofFile = (file: `${string}.pem`) =>
      namesOf(new X509Certificate(readFileSync(certificate(file))).toLegacyObject() as never)
    assert.deepEqual(ofFile('gateway.pem'), ['gateway.test', 'spiffe://shop.test/gateway'])
    assert.deepEqual(ofFile('named.pem'), ['named.test'])
  })

  it('are not made by a name that looks like several', () => {
    const subject = { CN: 'gateway.test' } as never
    assert.deepEqual(namesOf({ subject, subjectaltname: 'DNS:"a.test, DNS:gateway.test", URI:spiffe://b' }), [
      'a.test, DNS:gateway.test',
      'spiffe://b',
    ])
    assert.deepEqual(namesOf({ subject, subjectaltname: 'DNS:"a\\"b, URI:c", email:DNS:gateway.test' }), ['a"b, URI:c'])
    assert.deepEqual(namesOf({ subject, subjectaltname: 'IP Address:10.0.0.7' }), [])
  })

  it('are none of a certificate of which nobody vouches for the authority, though the connection was let through', async () => {
    const pair = (name: 'first' | 'gateway' | 'stranger') => ({
      cert: readFileSync(certificate(`${name}.pem`)),
      key: readFileSync(certificate(`${name}.key`)),
    })
    const ca = readFileSync(certificate('ca.pem'))
    const server = createServer({ ...pair('first'), ca, requestCert: true, rejectUnauthorized: false }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      for (const [name, isNamed] of [
        ['gateway', true],
        ['stranger', false],
      ] as const) {
        const asking = connect({ host: '127.0.0.1', port, ca, servername: 'localhost', ...pair(name) })
        const [asked] = (await once(server, 'secureConnection')) as [TLSSocket]
        assert.ok(asked.getPeerCertificate().raw, 'it has shown one')
        assert.equal(peerCertificate(asked) !== undefined, isNamed, name)
        asking.destroy()
      }
    } finally {
      server.close()
    }
  })

  it('are none without a certificate', () => {
    assert.deepEqual(namesOf({}), [])
    assert.deepEqual(namesOf({ subject: { CN: ['a', 'gateway.test'] } } as never), [])
    assert.equal(peerCertificate(new Socket()), undefined)
  })
})
