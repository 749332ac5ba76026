import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export const AUDIENCE = 'orders'
/** Claims of a token, and how it is signed. */
interface Asked {
  claims?: Record<string, unknown>
  /** `undefined` leaves the claim out. */
  issuer?: string | undefined
  audience?: string | undefined
  /** Seconds from now; `undefined` leaves it out. */
  endsIn?: number | undefined
  alg?: 'RS256' | 'ES256' | 'EdDSA'
}

/** An issuer of tokens with an address for its keys, which it can change, and which can be away. */
export async function openIssuer() {
  let fetches = 0
  let published: JWK[] = []
  let isAway = false
  const server = createServer((_, response) => {
    fetches++
    if (isAway) response.writeHead(503).end()
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let keys: Record<string, { kid: string; privateKey: CryptoKey; jwk: JWK }> = {}
  let turns = 0

  /** Signs with new keys from now on, and publishes those alone. */
  async function rotate() {
    turns++
    const made = await Promise.all(
      (['RS256', 'ES256', 'EdDSA'] as const).map(async (alg) => {
        const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
        const kid = `${alg}-${turns}`
        return [alg, { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }] as const
      }),
    )
    keys = Object.fromEntries(made)
    published = made.map(([, { jwk }]) => jwk)
  }
  await rotate()

  return {
    url,
    jwksUrl: new URL(`${url}/jwks`),
    rotate,
    jwks: () => ({ keys: published }),
    fetches: () => fetches,
    setAway: (away: boolean) => {
      isAway = away
    },
    async token(sub: string, asked: Asked = {}): Promise<string> {
      const { claims = {}, alg = 'ES256' } = asked
      const { issuer, audience, endsIn } = { issuer: url, audience: AUDIENCE, endsIn: 300, ...asked }
      const key = keys[alg]
      if (!key) throw new Error(`no key for ${alg}`)
      const now = Math.floor(Date.now() / 1_000)
      const jwt = new SignJWT({ sub, ...claims, ...(endsIn !== undefined && { exp: now + endsIn }) })
      if (issuer !== undefined) jwt.setIssuer(issuer)
      if (audience !== undefined) jwt.setAudience(audience)
      return await jwt.setProtectedHeader({ alg, kid: key.kid }).setIssuedAt(now).sign(key.privateKey)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type Issuer = Awaited<ReturnType<typeof openIssuer>>
