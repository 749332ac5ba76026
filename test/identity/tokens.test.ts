import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose'
import { failureIn } from '../../contracts/application-failure.ts'
import type { Caller } from '../../contracts/caller.ts'
import { keysAt, keysInFile } from '../../identity/issuer-keys.ts'
import { verifyTokens } from '../../identity/verify-tokens.ts'
import { until } from '../e2e/faults/until.ts'
import { tempDir } from '../support/temp-dir.ts'
import { AUDIENCE, type Issuer, openIssuer } from './issuer.ts'

describe('tokens (AUTH=jwt)', () => {
  let issuer: Issuer
  let authenticate: (token: string | undefined) => Promise<Caller>
  beforeEach(async () => {
    issuer = await openIssuer()
    authenticate = authenticator(keysAt(issuer.jwksUrl, { pauseMs: 0 }))
  })
  afterEach(async () => await issuer.close())

  const authenticator = (keys: JWTVerifyGetKey, userIdClaim = 'sub') => {
    const verify = verifyTokens({ issuer: issuer.url, audience: AUDIENCE, keys, userIdClaim })
    return async (token: string | undefined) => await verify({ authorization: token === undefined ? [] : [`Bearer ${token}`] })
  }
  const refused = async (token: string | undefined) => {
    try {
      return await authenticate(token)
    } catch (error) {
      const failed = failureIn(error)
      assert.ok(failed, String(error))
      if (token) assert.ok(!failed.message.includes(token.split('.').at(-1) || '-'), 'the token stands in the message')
      return failed.type
    }
  }

  it('name a customer by their user id, and a service by its scopes, whichever of the three ways they are signed', async () => {
    for (const alg of ['RS256', 'ES256', 'EdDSA'] as const) {
      assert.deepEqual(await authenticate(await issuer.token('7', { alg })), { kind: 'customer', subject: '7', userId: 7 })
    }
    const scopes = new Set(['orders:any'])
    for (const claims of [{ scope: 'openid orders:any' }, { scp: ['orders:any', 'mail'] }]) {
      assert.deepEqual(await authenticate(await issuer.token('shop', { claims })), { kind: 'service', subject: 'shop', scopes })
    }
    const byClaim = authenticator(keysAt(issuer.jwksUrl), 'uid')
    const named = await byClaim(await issuer.token('ada@example.com', { claims: { uid: 7 } }))
    assert.deepEqual(named, { kind: 'customer', subject: 'ada@example.com', userId: 7 })
  })

  it('are refused if they are of another issuer or for another audience, have expired, or never do', async () => {
    const wrong = [
      await issuer.token('7', { issuer: 'https://else.example' }),
      await issuer.token('7', { issuer: undefined }),
      await issuer.token('7', { audience: 'another-service' }),
      await issuer.token('7', { audience: undefined }),
      await issuer.token('7', { endsIn: -1 }),
      await issuer.token('7', { endsIn: undefined }),
      await issuer.token('7', { claims: { nbf: Math.floor(Date.now() / 1_000) + 60 } }),
    ]
    for (const token of wrong) assert.equal(await refused(token), 'Unauthenticated')
    for (const sub of ['0', '-7', '7.5', '07', '0x7', '7e0', ' 7', '99999999999', 'ada']) {
      assert.equal(await refused(await issuer.token(sub)), 'Forbidden', sub)
    }
  })

  it('are refused unless the issuer signed them: with no signature, a shared secret, or a key of others', async () => {
    const [head, body = '', signature] = (await issuer.token('7', { alg: 'RS256' })).split('.')
    const other = await openIssuer()
    const [jwk] = issuer.jwks().keys as [JWK]
    const pem = await exportSPKI((await importJWK(jwk, 'RS256')) as never)
    const forged: string[] = [encoded({ alg: 'none' }), encoded({ alg: 'none', kid: jwk.kid }), encoded({ alg: 'NONE' })].map(
      (header) => `${header}.${body}.`,
    )
    for (const secret of [pem, JSON.stringify(jwk)]) {
      const signed = `${encoded({ alg: 'HS256', kid: jwk.kid })}.${body}`
      forged.push(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`)
    }
    forged.push(`${head}.${encoded({ ...payloadIn(body), sub: '8' })}.${signature}`)
    forged.push(await other.token('7', { issuer: issuer.url, alg: 'RS256' }))
    forged.push(`${head}.${body}`, 'not-a-token', `${head}.${body}.${signature}.x`)
    await other.close()
    for (const token of forged) assert.equal(await refused(token), 'Unauthenticated', token)
    assert.equal(await refused(undefined), 'Unauthenticated')
  })

  it('are refused if they are signed in another way, even by a key that is published for every way', async () => {
    for (const alg of ['PS256', 'RS512', 'ES384']) {
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
      const authenticate = authenticator(createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] }))
      const jwt = new SignJWT({ sub: '7' }).setIssuer(issuer.url).setAudience(AUDIENCE).setExpirationTime('5m')
      const token = await jwt.setProtectedHeader({ alg, kid: 'k1' }).sign(privateKey)
      await assert.rejects(authenticate(token), /is not signed by one of/, alg)
    }
  })

  it('are refused if two are sent, or another kind of credential: two parties could read two callers', async () => {
    const token = await issuer.token('7')
    const verify = verifyTokens({ issuer: issuer.url, audience: AUDIENCE, keys: keysAt(issuer.jwksUrl), userIdClaim: 'sub' })
    for (const authorization of [[`Bearer ${token}`, `Bearer ${token}`], [`Basic ${token}`], [token], ['Bearer ']]) {
      await assert.rejects(async () => await verify({ authorization }), /token was sent|more than one/)
    }
    assert.equal((await verify({ authorization: [`bearer ${token}`] })).kind, 'customer')
  })

  it('are known by new keys as soon as those are published, and by old ones no more once they are withdrawn', async () => {
    const before = await issuer.token('7')
    assert.equal(await refused(before).then((caller) => typeof caller), 'object')
    await issuer.rotate()
    assert.equal(typeof (await refused(await issuer.token('8'))), 'object')
    const later = authenticator(keysAt(issuer.jwksUrl))
    await assert.rejects(later(before), /does not publish/)
  })

  it('are known by a withdrawn key no longer than the keys are kept, in a process that goes on', async () => {
    const kept = authenticator(keysAt(issuer.jwksUrl, { pauseMs: 0, keptMs: 1 }))
    const [before, later] = [await issuer.token('7'), await issuer.token('8')]
    assert.equal((await kept(before)).kind, 'customer')
    await issuer.rotate()
    await until('the keys are fetched anew', () => assert.rejects(kept(later), /does not publish/))
  })

  it('of made-up keys do not have the issuer asked each time', async () => {
    const other = await openIssuer()
    await other.rotate()
    const paused = authenticator(keysAt(issuer.jwksUrl, { pauseMs: 3_600_000 }))
    for (let user = 1; user <= 20; user++) await assert.rejects(paused(await other.token(`${user}`, { issuer: issuer.url })))
    await other.close()
    assert.equal(issuer.fetches(), 1)
  })

  it('can not be judged while the keys can not be had: a failure to try again, and nobody is let in', async () => {
    issuer.setAway(true)
    const token = await issuer.token('7')
    assert.equal(await refused(token), 'ServiceUnavailable')
    assert.equal(await refused(undefined), 'Unauthenticated')
    issuer.setAway(false)
    assert.equal(typeof (await refused(token)), 'object')
    await issuer.close()
    const away = authenticator(keysAt(issuer.jwksUrl))
    await assert.rejects(away(token), (error) => failureIn(error)?.type === 'ServiceUnavailable')
  })

  it('are known from a file of keys as well, which is read again when it changes', async () => {
    const file = join(await tempDir(), 'jwks.json')
    const byFile = authenticator(keysInFile(file))
    const token = await issuer.token('7')
    await assert.rejects(byFile(token), (error) => failureIn(error)?.type === 'ServiceUnavailable')
    await writeFile(file, JSON.stringify(issuer.jwks()))
    assert.equal((await byFile(token)).kind, 'customer')
    await issuer.rotate()
    await writeFile(`${file}.new`, JSON.stringify(issuer.jwks()))
    await rename(`${file}.new`, file)
    assert.equal((await byFile(await issuer.token('8'))).kind, 'customer')
    await rm(file)
    await assert.rejects(byFile(await issuer.token('9')), (error) => failureIn(error)?.type === 'ServiceUnavailable')
  })

  it('are verified once, and looked up from then on until they end', async () => {
    const token = await issuer.token('7', { endsIn: 2 })
    const verify = verifyTokens({ issuer: issuer.url, audience: AUDIENCE, keys: keysAt(issuer.jwksUrl), userIdClaim: 'sub' })
    const ask = () => verify({ authorization: [`Bearer ${token}`] })
    assert.ok(ask() instanceof Promise)
    await ask()
    assert.ok(!(ask() instanceof Promise))
    for (;;) {
      const known = ask()
      if (!(known instanceof Promise)) await new Promise((resolve) => setTimeout(resolve, 50))
      else {
        await assert.rejects(known, /has expired/)
        break
      }
    }
  })
})

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const payloadIn = (body: string) => JSON.parse(Buffer.from(body, 'base64url').toString()) as object
