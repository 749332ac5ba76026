import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTokenSigner } from './token-signer.ts'

const AUDIENCE = 'order-saga'
const TOKENS_LAST = '12h'

/** An issuer of tokens for `npm start -- --auth`: its keys are made anew at each start, and stand in no file. */
export interface DemoIssuer {
  /** Settings by which the starter believes it. */
  env: Record<string, string>
  /** Token of the customer with this user id. */
  tokenOf(userId: number): Promise<string>
  /** Token of a service that may act for everybody. */
  shopToken(): Promise<string>
  /** Token of somebody who mends orders, and may see their recipients. */
  operatorToken(): Promise<string>
}

/** Publishes its keys on a free port of this machine, as long as this process lives. */
export async function startDemoIssuer(): Promise<DemoIssuer> {
  let jwks = ''
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(jwks))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { sign, ...published } = await createTokenSigner({ issuer, audience: AUDIENCE, lasts: TOKENS_LAST })
  jwks = published.jwks
  return {
    env: { AUTH: 'jwt', AUTH_ISSUER: issuer, AUTH_AUDIENCE: AUDIENCE, AUTH_JWKS: `${issuer}/jwks` },
    tokenOf: async (userId) => await sign(String(userId)),
    shopToken: async () => await sign('shop', 'orders:any'),
    operatorToken: async () => await sign('demo-operator', 'orders:operate orders:support'),
  }
}
