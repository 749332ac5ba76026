import type { ValuesFor } from './setting.ts'
import type { SETTINGS } from './settings.ts'

type Values = ValuesFor<typeof SETTINGS, 'codec'>

/** The settings of the issuer whose tokens the codec server takes, as properties. */
export type NamedInCodecIssuer = 'authIssuer' | 'authAudience' | 'authJwks'

/** The issuer whose tokens the codec server takes. */
export interface CodecIssuer {
  issuer: string
  audience: string
  /** URL or file of its public keys. */
  jwks: URL | string
}

/** The values of settings, with those of the issuer as `issuer`. */
export function codecConfig<V extends Pick<Values, NamedInCodecIssuer>>(
  values: V,
): Omit<V, NamedInCodecIssuer> & { issuer?: CodecIssuer } {
  const { authIssuer: issuer, authAudience: audience, authJwks: jwks, ...others } = values
  return { ...others, ...(issuer && audience && jwks && { issuer: { issuer, audience, jwks } }) }
}

/** Settings that let nobody decode, or that leave open whose tokens count. */
export function codecProblems({ codecTokensFile, authIssuer, authAudience, authJwks }: Partial<Values>): string[] {
  const needed = { AUTH_ISSUER: authIssuer, AUTH_AUDIENCE: authAudience, AUTH_JWKS: authJwks }
  const missing = Object.keys(needed).filter((name) => !needed[name as keyof typeof needed])
  if (missing.length === 0 || (missing.length === 3 && codecTokensFile)) return []
  if (missing.length === 3) {
    return [
      'CODEC_TOKENS_FILE is missing: nobody may decode without it, or AUTH_ISSUER, AUTH_AUDIENCE and AUTH_JWKS in its place',
    ]
  }
  return missing.map(
    (name) => `${name} is missing: the tokens of an issuer are taken only with all of ${Object.keys(needed).join(', ')}`,
  )
}
