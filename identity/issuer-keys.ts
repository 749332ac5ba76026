import { readFile, stat } from 'node:fs/promises'
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'

/** Time that the issuer gets to hand out its keys, in milliseconds. */
const FETCH_WITHIN_MS = 3_000
/** Age from which on keys are fetched anew, so that one that was withdrawn is not trusted for longer, in milliseconds. */
const KEYS_KEPT_MS = 600_000
/** Time between two fetches because of a key that is not among those known, in milliseconds: anybody can name such keys. */
const PAUSE_MS = 5_000

/** Returns the published keys of an issuer, from its own address. A key that was rotated in is found by its first token. */
export function keysAt(url: URL, { pauseMs = PAUSE_MS, keptMs = KEYS_KEPT_MS } = {}): JWTVerifyGetKey {
  return createRemoteJWKSet(url, { timeoutDuration: FETCH_WITHIN_MS, cooldownDuration: pauseMs, cacheMaxAge: keptMs })
}

/** Returns the keys in a file, which is read again when it has changed. Without the file no new token is accepted: its removal withdraws them. */
export function keysInFile(path: string): JWTVerifyGetKey {
  let read: { of: string; keys: ReturnType<typeof createLocalJWKSet> } | undefined
  return async (header, token) => {
    const { mtimeMs, size, ino } = await stat(path)
    const of = `${mtimeMs}/${size}/${ino}`
    if (read?.of !== of) read = { of, keys: createLocalJWKSet(JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet) }
    return await read.keys(header, token)
  }
}

/** The public keys of an issuer, at a URL or in a file. */
export function keysOf(jwks: URL | string): JWTVerifyGetKey {
  return jwks instanceof URL ? keysAt(jwks) : keysInFile(jwks)
}
