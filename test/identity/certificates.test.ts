import assert from 'node:assert/strict'
import type { PeerCertificate } from 'node:tls'
import { failureIn } from '../../contracts/application-failure.ts'
import { knownCertificates } from '../../identity/known-certificates.ts'

describe('certificates (AUTH=mtls)', () => {
  const authenticate = knownCertificates(['gateway', 'batch.example.com'])
  const refused = (certificate?: Partial<PeerCertificate>) => {
    try {
      return authenticate({ authorization: ['Bearer x'], ...(certificate && { certificate: certificate as PeerCertificate }) })
    } catch (error) {
      return failureIn(error)?.type
    }
  }

  it('name a service that may act for everybody, and do nothing that is for operators', async () => {
    const service = { kind: 'service', scopes: new Set(['orders:any']) }
    assert.deepEqual(refused({ subject: { CN: 'gateway' } as never }), { ...service, subject: 'gateway' })
    const named = { subject: {} as never, subjectaltname: 'DNS:else.example.com, DNS:batch.example.com' }
    assert.deepEqual(refused(named), { ...service, subject: 'batch.example.com' })
  })

  it('are asked for, and must have one of the names, whatever token comes with them', () => {
    assert.equal(refused(), 'Unauthenticated')
    for (const CN of ['stranger', 'gateway.example.com', 'Gateway', '']) {
      assert.equal(refused({ subject: { CN } as never }), 'Unauthenticated', CN)
    }
    const hidden = { subject: { CN: 'x' } as never, subjectaltname: 'DNS:"else.example.com, DNS:gateway"' }
    assert.equal(refused(hidden), 'Unauthenticated')
  })
})
