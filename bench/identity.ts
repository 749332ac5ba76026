import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { verifyTokens } from '../identity/verify-tokens.ts'

/**
 * Measures what it costs to know a caller by a token, by kind of signature: the first look at a token, which verifies it, and the later ones, which
 * find it by its hash. `npx tsx bench/identity.ts`
 */

const MISSES = 2_000
const HITS = 200_000
const ISSUER = 'https://id.example'

for (const alg of ['RS256', 'ES256', 'EdDSA'] as const) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg }] })
  const authenticate = verifyTokens({ issuer: ISSUER, audience: 'orders', keys, userIdClaim: 'sub' })
  const tokens = await Promise.all(
    Array.from({ length: MISSES }, async (_, i) => {
      const jwt = new SignJWT({ sub: String(i + 1) }).setIssuer(ISSUER).setAudience('orders').setExpirationTime('10m')
      return await jwt.setProtectedHeader({ alg, kid: 'one' }).sign(privateKey)
    }),
  )
  const missUs = await costOf(MISSES, (i) => authenticate({ authorization: [`Bearer ${tokens[i]}`] }))
  const hitUs = await costOf(HITS, (i) => authenticate({ authorization: [`Bearer ${tokens[i % MISSES]}`] }))
  console.log(`${alg}: first look ${missUs.toFixed(0)} µs of the processor, later ones ${hitUs.toFixed(1)} µs`)
}

/** Time of the processor that one of these takes, in microseconds: other programs of the machine have no part in it. */
async function costOf(times: number, once: (i: number) => unknown): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < times; i++) await once(i)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / times
}
