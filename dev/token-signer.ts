import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** Signs tokens of callers, for trials. */
export interface TokenSigner {
  /** Its public keys, as an issuer publishes them. */
  jwks: string
  /** @param scope makes the subject a service (docs/identity.md) */
  sign(subject: string, scope?: string): Promise<string>
}

/** Makes a signer with a pair of keys of its own, which stand in no file. */
export async function createTokenSigner(of: { issuer: string; audience: string; lasts: string }): Promise<TokenSigner> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const key = { kid: 'demo', alg: 'ES256' }
  return {
    jwks: JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...key, use: 'sig' }] }),
    sign: async (subject, scope) =>
      await new SignJWT(scope === undefined ? {} : { scope })
        .setProtectedHeader(key)
        .setSubject(subject)
        .setIssuer(of.issuer)
        .setAudience(of.audience)
        .setExpirationTime(of.lasts)
        .sign(privateKey),
  }
}
