import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDecodeApp } from '../../codec/decode-app.ts'
import { knowDecoders } from '../../composition/decoders.ts'
import { loadCodecConfig } from '../../config/config.ts'
import { AUDIENCE, type Issuer, openIssuer } from '../identity/issuer.ts'
import { codecOver, keysFile } from '../support/payload-keys.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('those who may decode', () => {
  let issuer: Issuer
  let tokensFile: string
  const listed = 'a'.repeat(40)

  before(async () => {
    issuer = await openIssuer()
    tokensFile = join(await tempDir(), 'tokens')
    writeFileSync(tokensFile, `alice ${listed}\n`, { mode: 0o600 })
  })
  after(() => issuer.close())

  const ofIssuer = () => ({ issuer: issuer.url, audience: AUDIENCE, jwks: issuer.jwksUrl })
  const warn = (message: string) => assert.fail(message)

  it('have a token of the file, or one of the issuer with the scope orders:support', async () => {
    const whoHas = knowDecoders({ codecTokensFile: tokensFile, issuer: ofIssuer() }, warn)
    const support = await issuer.token('carol', { claims: { scope: 'orders:support' } })
    assert.deepEqual([await whoHas(listed), await whoHas(support)], ['alice', 'carol'])
    for (const [what, token] of [
      ['a service that places orders', await issuer.token('shop', { claims: { scope: 'orders:any' } })],
      ['a customer', await issuer.token('7')],
      ['a token of another audience', await issuer.token('carol', { claims: { scope: 'orders:support' }, audience: 'others' })],
      ['one that has expired', await issuer.token('carol', { claims: { scope: 'orders:support' }, endsIn: -60 })],
      ['no token at all', 'b'.repeat(40)],
    ] as const) {
      assert.equal(await whoHas(token), undefined, what)
    }
    const byFileAlone = knowDecoders({ codecTokensFile: tokensFile }, warn)
    assert.deepEqual([await byFileAlone(listed), await byFileAlone(support)], ['alice', undefined])
    const byIssuerAlone = knowDecoders({ issuer: ofIssuer() }, warn)
    assert.deepEqual([await byIssuerAlone(listed), await byIssuerAlone(support)], [undefined, 'carol'])
  })

  it('are nobody, and told to try again, while the keys of the issuer can not be had', async () => {
    const support = await issuer.token('carol', { claims: { scope: 'orders:support' } })
    issuer.setAway(true)
    const app = createDecodeApp({
      codec: codecOver(await keysFile('decoders')),
      namespace: 'default',
      whoHas: knowDecoders({ codecTokensFile: tokensFile, issuer: ofIssuer() }, warn),
      onDecoded: () => {},
      onRefused: () => {},
    })
    const ask = (token: string) =>
      app.inject({ method: 'POST', url: '/decode', headers: { authorization: `Bearer ${token}` }, payload: { payloads: [] } })
    assert.deepEqual([(await ask(support)).statusCode, (await ask(listed)).statusCode], [503, 200])
    issuer.setAway(false)
    await app.close()
  })

  it('are named by the settings: a file, an issuer, or both, and an issuer as a whole', async () => {
    const keys = { PAYLOAD_KEYS_FILE: await keysFile('decoders') }
    const whole = { AUTH_ISSUER: issuer.url, AUTH_AUDIENCE: AUDIENCE, AUTH_JWKS: 'https://issuer.example/jwks' }
    assert.throws(() => loadCodecConfig(keys), /CODEC_TOKENS_FILE is missing: nobody may decode without it, or AUTH_ISSUER/)
    assert.throws(() => loadCodecConfig({ ...keys, ...whole, AUTH_JWKS: '' }), /AUTH_JWKS is missing/)
    assert.equal(loadCodecConfig({ ...keys, ...whole }).issuer?.audience, AUDIENCE)
    assert.equal(loadCodecConfig({ ...keys, CODEC_TOKENS_FILE: tokensFile }).issuer, undefined)
  })
})
