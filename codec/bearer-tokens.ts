import { createHash, timingSafeEqual } from 'node:crypto'
import { readSecretLines } from './secret-lines.ts'

/** Length below which a token could be guessed, in characters. */
const LEAST_LENGTH = 32

/** Names whoever has a token; `undefined` if nobody has it. */
export type WhoHas = (token: string) => string | undefined

/**
 * Reads a file of tokens: the name of a person or program and its token a line.
 * @throws Error with what is wrong with it; it repeats nothing of the file, nor its path
 */
export function readBearerTokens(path: string): WhoHas {
  const known = readSecretLines(path).map(({ id, secret, at }) => {
    if (secret.length < LEAST_LENGTH)
      throw new Error(`${at} has a token of fewer than ${LEAST_LENGTH} characters: openssl rand -hex 32`)
    return { id, digest: digestOf(secret) }
  })
  if (known.length === 0) throw new Error('names a file without a token: it needs a line of a name and a token')
  return (token) => {
    const digest = digestOf(token)
    return known.find((one) => timingSafeEqual(one.digest, digest))?.id
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
