import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'
import { keysAt } from '../../identity/issuer-keys.ts'
import { verifyTokens } from '../../identity/verify-tokens.ts'
import { appOf, CONFIRMED, ordersThatSay } from '../api/parts.ts'
import { AUDIENCE } from './issuer.ts'

const RESOURCE = 'https://orders.example'

describe('tokens of a real OpenID Connect issuer', () => {
  const server = createServer()
  let url: string
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const client = (client_id: string) => ({
      ...{ client_id, client_secret: 'secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
      id_token_signed_response_alg: 'ES256',
    })
    const provider = new Provider(url, {
      clients: [client('7'), client('8'), { ...client('shop'), scope: 'orders:any' }],
      scopes: ['orders:any'],
      jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', alg: 'ES256', use: 'sig' }] },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({
            ...{ scope: 'orders:any', audience: AUDIENCE, accessTokenFormat: 'jwt', accessTokenTTL: 300 },
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
      ttl: { ClientCredentials: 300 },
    })
    server.on('request', provider.callback())
  })
  after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  async function tokenOf(client: string, scope?: string): Promise<string> {
    const answer = await fetch(`${url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client}:secret`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: RESOURCE, ...(scope && { scope }) }),
    })
    const { access_token: token } = (await answer.json()) as { access_token?: string }
    assert.ok(token, `${answer.status}`)
    return token
  }

  it('let a customer to their own order, a service to every order, and nobody else', async () => {
    const keys = keysAt(new URL(`${url}/jwks`))
    const authenticate = verifyTokens({ issuer: url, audience: AUDIENCE, keys, userIdClaim: 'sub' })
    const { app } = await appOf({ authenticate, orders: ordersThatSay(CONFIRMED) })
    const answerTo = async (token: string, path = `/orders/${CONFIRMED.orderSn}`) => {
      const { statusCode } = await app.inject({ url: path, headers: { authorization: `Bearer ${token}` } })
      return statusCode
    }
    const [owner, stranger, shop] = [await tokenOf('7'), await tokenOf('8'), await tokenOf('shop', 'orders:any')]
    assert.deepEqual([await answerTo(owner), await answerTo(stranger), await answerTo(shop)], [200, 404, 200])
    assert.deepEqual([await answerTo(owner, '/events'), await answerTo(shop, '/events')], [403, 200])
    assert.equal(await answerTo(owner.slice(0, -2)), 401)
  })
})
