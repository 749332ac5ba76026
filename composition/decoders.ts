import { readBearerTokens } from '../codec/bearer-tokens.ts'
import { ReloadedFile } from '../codec/reloaded-file.ts'
import type { CodecConfig } from '../config/config.ts'
import { failureIn } from '../contracts/application-failure.ts'
import type { Authenticate } from '../identity/authenticate.ts'
import { keysOf } from '../identity/issuer-keys.ts'
import { verifyTokens } from '../identity/verify-tokens.ts'

/**
 * Makes the codec server know who may decode: those in the file of tokens, and those whose token is of the issuer and has the scope `orders:support`.
 * @returns the name of whoever has a token, `undefined` for one that may not decode
 */
export function knowDecoders(
  { codecTokensFile, issuer }: Pick<CodecConfig, 'codecTokensFile' | 'issuer'>,
  warn: (message: string) => void,
): (token: string) => Promise<string | undefined> {
  const listed =
    codecTokensFile === undefined
      ? undefined
      : new ReloadedFile(codecTokensFile, readBearerTokens, (problem) =>
          warn(`the tokens of before stay in use: CODEC_TOKENS_FILE ${problem}`),
        )
  const authenticate = issuer && ofIssuer(issuer)
  return async (token) => listed?.recent(token) ?? (await (authenticate && supporter(authenticate, token)))
}

function ofIssuer({ jwks, ...rules }: NonNullable<CodecConfig['issuer']>): Authenticate {
  return verifyTokens({ ...rules, userIdClaim: 'sub', keys: keysOf(jwks) })
}

/** @throws ApplicationFailure ServiceUnavailable while the keys of the issuer can't be had */
async function supporter(authenticate: Authenticate, token: string): Promise<string | undefined> {
  try {
    const caller = await authenticate({ authorization: [`Bearer ${token}`] })
    return caller.kind === 'service' && caller.scopes.has('orders:support') ? caller.subject : undefined
  } catch (error) {
    const { type } = failureIn(error) ?? {}
    if (type === 'Unauthenticated' || type === 'Forbidden') return undefined
    throw error
  }
}
