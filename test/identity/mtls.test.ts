import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { json } from 'node:stream/consumers'
import { credentials, type ServiceError, status } from '@grpc/grpc-js'
import { errorInfoOf } from '../../clients/error-info.ts'
import { knownCertificates } from '../../identity/known-certificates.ts'
import { OrderServiceClient } from '../../proto/generated/order.ts'
import { TlsFiles } from '../../tls/tls-files.ts'
import { appOf, CONFIRMED, ordersThatSay } from '../api/parts.ts'
import { AMPLE_MS } from '../clients/ample.ts'
import { openDoor } from '../rpc/door.ts'
import { answer } from '../services/grpc-call.ts'
import { certificate } from '../support/certificate.ts'

const CA = readFileSync(certificate('ca.pem'))
const files = () => new TlsFiles({ cert: certificate('first.pem'), key: certificate('first.key'), ca: certificate('ca.pem') })
const authenticate = knownCertificates(['spiffe://shop.test/gateway'])

/** Certificates by which callers come, and what both doors say to each: `named` is of the authority, and none of those who may call. */
const CALLERS = { gateway: 'served', named: 'Unauthenticated', stranger: 'not let in', none: 'not let in' } as const
type Caller = keyof typeof CALLERS

function pairOf(caller: Caller): { cert?: Buffer; key?: Buffer } {
  if (caller === 'none') return {}
  return { cert: readFileSync(certificate(`${caller}.pem`)), key: readFileSync(certificate(`${caller}.key`)) }
}

describe('AUTH=mtls over TLS', () => {
  it('over HTTP serves callers whose certificate has one of the names, by the name alone, and no other', async () => {
    const { app, stop } = await appOf({ tls: files(), authenticate, orders: ordersThatSay(CONFIRMED) })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    async function ask(caller: Caller, path: string, method = 'GET'): Promise<string> {
      const asked = request(`${url}${path}`, { method, ca: CA, servername: 'localhost', agent: false, ...pairOf(caller) }).end()
      try {
        const [response] = (await once(asked, 'response')) as [IncomingMessage]
        const body = (await json(response)) as { failure?: string }
        return response.statusCode === 200 ? 'served' : (body.failure ?? '')
      } catch {
        return 'not let in'
      }
    }
    try {
      for (const [caller, expected] of Object.entries(CALLERS)) {
        assert.equal(await ask(caller as Caller, `/orders/${CONFIRMED.orderSn}`), expected, caller)
      }
      assert.equal(await ask('named', '/healthz'), 'served', 'a probe needs no name')
      assert.equal(await ask('gateway', `/orders/${CONFIRMED.orderSn}/recipient`), 'Forbidden', 'it is no support')
    } finally {
      await stop()
    }
  })

  it('over gRPC serves the same callers', async () => {
    const door = await openDoor({ tls: files(), authenticate })
    async function ask(caller: Caller): Promise<string> {
      const { key, cert } = pairOf(caller)
      const by = key && cert ? credentials.createSsl(CA, key, cert) : credentials.createSsl(CA)
      const client = new OrderServiceClient(door.service.address, by, { 'grpc.ssl_target_name_override': 'localhost' })
      try {
        await answer((done) => client.cartItemList({ id: 7 }, { deadline: Date.now() + AMPLE_MS } as never, done as never))
        return 'served'
      } catch (error) {
        const { code } = error as ServiceError
        return errorInfoOf(error as ServiceError)?.reason ?? (code === status.UNAVAILABLE ? 'not let in' : String(code))
      } finally {
        client.close()
      }
    }
    try {
      for (const [caller, expected] of Object.entries(CALLERS)) assert.equal(await ask(caller as Caller), expected, caller)
    } finally {
      await door.close()
    }
  })
})
