import { accessSync, constants, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Address, parseAddress } from '../clients/address.ts'
import { parseTarget } from '../clients/target.ts'
import { readBearerTokens } from '../codec/bearer-tokens.ts'
import { readPayloadKeys } from '../codec/payload-keys.ts'
import { minorDigitsOf } from '../contracts/currency.ts'
import { HEALTH_CHECK_MS, ORDER_BUDGET_MS } from '../contracts/time-budget.ts'
import { isLoopback } from '../identity/hosts.ts'
import { TrustedProxies } from '../limits/trusted-proxies.ts'
import { readFingerprintKeys } from './fingerprint-keys.ts'

/**
 * Parsers of the texts of settings. Each throws an Error that names what the text has to be, and repeats it only if it
 * is no secret.
 */

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export function word(text: string): string {
  if (/\s/.test(text)) throw new Error(`must be one word, not '${text}'`)
  return text
}

/** Name of a role of PostgreSQL, as it is: a longer one would be cut, and be another. */
export function roleName(text: string): string {
  if (Buffer.byteLength(text) > 63) throw new Error(`must have at most 63 bytes, not '${text}'`)
  if (text === 'public' || text.startsWith('pg_')) throw new Error(`must not be '${text}', which PostgreSQL keeps for itself`)
  return text
}

/** A word that nobody may see. */
export function secretWord(text: string): string {
  if (/\s/.test(text)) throw new Error('must be one word')
  return text
}

export function databaseUrl(text: string): string {
  const shape = 'postgres://user:password@host:port/database'
  if (!URL.canParse(text))
    throw new Error(`must be a URL, ${shape} (is a special character of the password not percent-encoded?)`)
  const { protocol } = new URL(text)
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') throw new Error(`must be ${shape}`)
  return text
}

/** Address of a MySQL database; it may hold a password, so no problem repeats it. */
export function mysqlAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'mysql:' && url.hostname !== '' && url.pathname.length > 1) return text
  throw new Error('must be the address of a MySQL database, as mysql://user:password@host:3306/joyshop_order')
}

export function target(text: string): string {
  parseTarget(text)
  return text
}

export function address(text: string): Address {
  const found = parseAddress(text)
  if (!found) throw new Error(`must be host:port, such as 127.0.0.1:3000 or [::1]:3000, not '${text}'`)
  return found
}

/** An address that others call. */
export function advertisedAddress(text: string): Address {
  const found = parseAddress(text)
  if (!found?.port) throw new Error(`must be host:port, such as 10.0.0.7:50053, not '${text}'`)
  return found
}

/** A service in Consul, and the agent that is asked for it. What is none is not repeated: it may hold a password. */
export function consulService(text: string): { agent: string; service: string } {
  try {
    const found = parseTarget(text)
    if (found.kind === 'consul' && found.filter.size === 0) return { agent: found.agent, service: found.service }
  } catch {
    // What a target may be besides is of no use here.
  }
  throw new Error('must be consul://agent:8500/service, or consuls:// for HTTPS, without a user, a password or parameters')
}

/** The text itself, `host:port`, for whoever hands it on as it is. */
export function addressText(text: string): string {
  address(text)
  return text
}

/** The text of an address; `undefined` for `off`. */
export function addressTextOrOff(text: string): string | undefined {
  return text === 'off' ? undefined : addressText(text)
}

export function milliseconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new Error(`must be milliseconds from 0 to 999999, not '${text}'`)
  return Number(text)
}

/** Parses a time of the order of hours and days. */
export function longTime(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2_592_000_000) {
    throw new Error(`must be milliseconds from 0 to 2592000000 (30 days), not '${text}'`)
  }
  return Number(text)
}

/** Parses the time for which something is kept. */
export function keepTime(text: string): number {
  if (!/^\d{1,12}$/.test(text) || Number(text) > 315_360_000_000) {
    throw new Error(`must be milliseconds from 0 to 315360000000 (10 years), not '${text}'`)
  }
  return Number(text)
}

/** Parses a percentage of something that is never left out altogether. */
export function percentage(text: string): number {
  if (!/^([1-9]\d?|100)$/.test(text)) throw new Error(`must be a percentage from 1 to 100, not '${text}'`)
  return Number(text)
}

/** Parses the time between two looks at the network: without a pause between them it would be flooded. */
export function oftenEnough(text: string): number {
  if (milliseconds(text) < 100) throw new Error(`must be at least 100 (milliseconds), not '${text}'`)
  return milliseconds(text)
}

/** Parses a number of requests a second; 0 stands for any. */
export function ratePerSecond(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new Error(`must be requests a second from 0 (any number) to 999999, not '${text}'`)
  return Number(text)
}

/** Parses the most of something that there may be; 0 stands for any number. */
export function cap(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`must be a number from 0 (any) to 999999999, not '${text}'`)
  return Number(text)
}

export function networks(text: string): TrustedProxies {
  return new TrustedProxies(text.split(',').map((one) => one.trim()))
}

export function byteCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`must be a number of bytes from 1 to 999999999, not '${text}'`)
  return Number(text)
}

/** Its absolute path. */
export function readableFile(path: string): string {
  try {
    accessSync(path, constants.R_OK)
  } catch (error) {
    throw new Error(`names a file that can't be read (${(error as NodeJS.ErrnoException).code}): '${path}'`)
  }
  return resolve(path)
}

/** The path of a file in PEM, which can be read. A problem with it is reported without its path. */
export function pemFile(path: string): string {
  let content: Buffer
  try {
    content = readFileSync(path)
  } catch (error) {
    throw new Error(`names a file that can't be read (${(error as NodeJS.ErrnoException).code})`)
  }
  if (!content.includes('-----BEGIN ')) throw new Error('names a file that is not PEM: it has no -----BEGIN line')
  return resolve(path)
}

/** The absolute path of a file of keys that can be used. */
export function payloadKeysFile(path: string): string {
  readPayloadKeys(path)
  return resolve(path)
}

/** The absolute path of a file of keys for fingerprints that can be used. */
export function fingerprintKeysFile(path: string): string {
  readFingerprintKeys(path)
  return resolve(path)
}

/** The absolute path of a file of tokens that can be used. */
export function tokensFile(path: string): string {
  readBearerTokens(path)
  return resolve(path)
}

export function payloadEncryption(text: string): 'decode' | 'encode' {
  if (text !== 'decode' && text !== 'encode') throw new Error(`must be decode or encode, not '${text}'`)
  return text
}

export function recipients(text: string): 'clear' | 'sealed' {
  if (text !== 'clear' && text !== 'sealed') throw new Error(`must be clear or sealed, not '${text}'`)
  return text
}

export function interval(text: string): number {
  // Temporal's Schedules know no shorter one.
  if (milliseconds(text) < 1_000) throw new Error(`must be at least 1000 (milliseconds), not '${text}'`)
  return milliseconds(text)
}

/** Age of an order that the sweep may take up: a younger one is its own run's. */
export function sweepAge(text: string): number {
  const ms = milliseconds(text)
  if (ms <= ORDER_BUDGET_MS) {
    throw new Error(
      `must be above ${ORDER_BUDGET_MS} (milliseconds), the budget within which an order is its own run's, not '${text}'`,
    )
  }
  return ms
}

/** Time for which a circuit breaker stays open: calls wait up to twice as long, and an order waits no longer than its budget. */
export function breakerOpenTime(text: string): number {
  const ms = count(text)
  if (2 * ms >= ORDER_BUDGET_MS) {
    throw new Error(
      `must be below ${ORDER_BUDGET_MS / 2} (milliseconds), not '${text}': orders wait up to twice as long, and are given up after ${ORDER_BUDGET_MS}`,
    )
  }
  return ms
}

/** Time between two health checks; 0 for none. Two checks of one backend never overlap. */
export function healthInterval(text: string): number {
  const ms = milliseconds(text)
  if (ms > 0 && ms < HEALTH_CHECK_MS) throw new Error(`must be 0 or at least ${HEALTH_CHECK_MS} (milliseconds), not '${text}'`)
  return ms
}

export function inventoryMode(text: string): 'keyed' | 'unkeyed' {
  if (text !== 'keyed' && text !== 'unkeyed') throw new Error(`must be keyed or unkeyed, not '${text}'`)
  return text
}

export function resolveProposed(text: string): 'off' | 'auto' {
  if (text !== 'off' && text !== 'auto') throw new Error(`must be off or auto, not '${text}'`)
  return text
}

export function intake(text: string): 'single' | 'lane' {
  if (text !== 'single' && text !== 'lane') throw new Error(`must be single or lane, not '${text}'`)
  return text
}

export function yesOrNo(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new Error(`must be true or false, not '${text}'`)
  return text === 'true'
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`must be a number from 1 to 999999, not '${text}'`)
  return Number(text)
}

export function seed(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`must be a number from 1 to 999999999, not '${text}'`)
  return Number(text)
}

export function currency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new Error(`must be three capital letters (ISO 4217), not '${text}'`)
  if (minorDigitsOf(text) === undefined) {
    throw new Error(`must be a currency of ISO 4217 that has a minor unit, such as CNY, EUR or JPY, not '${text}'`)
  }
  return text
}

/** A URL that may hold a password, so no problem repeats it. */
export function webUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new Error('must be an http(s) URL')
  return text.replace(/\/+$/, '')
}

export function logFormat(text: string): 'iso' | 'pino' {
  if (text !== 'iso' && text !== 'pino') throw new Error(`must be iso or pino, not '${text}'`)
  return text
}

export function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text)
  if (!level) throw new Error(`must be one of ${LOG_LEVELS.join(', ')}, not '${text}'`)
  return level
}

/** Address of a webhook; it may hold a password or a token, so no problem repeats it. */
export function eventsUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new Error('must be an http(s) URL')
  const { username, password } = new URL(text)
  if (username || password) throw new Error('must have no user and password: the signature says who sends')
  return text
}

export function webhookSecret(text: string): string {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(text) ?? []
  const { length } = Buffer.from(base64, 'base64')
  if (length < 24 || length > 64)
    throw new Error('must be whsec_ and 24 to 64 bytes in base64, such as openssl rand -base64 32 gives')
  return text
}

/** Way in which callers of the front doors are known. */
export function authMode(text: string): 'off' | 'jwt' | 'mtls' | 'gateway' {
  if (text !== 'off' && text !== 'jwt' && text !== 'mtls' && text !== 'gateway')
    throw new Error(`must be off, jwt, mtls or gateway, not '${text}'`)
  return text
}

export function words(text: string): string[] {
  return text.split(',').map((one) => word(one.trim()))
}

/** Host names without ports, as they are compared. */
export function hostNames(text: string): string[] {
  const names = words(text).map((name) => name.toLowerCase())
  const bad = names.find((name) => !/^[a-z\d.-]+$|^\[[\da-f:.]+\]$/.test(name))
  if (bad !== undefined) throw new Error(`must be host names without ports, such as orders.example.com, not '${bad}'`)
  return names
}

/** The issuer of tokens, to the letter: it is compared with theirs. */
export function issuer(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new Error('must be the http(s) URL that the tokens have as iss')
  return text
}

/** Address of the keys of an issuer, or the file that holds them: over plain http anybody between could put keys of their own in their place. */
export function jwks(text: string): URL | string {
  if (!/^https?:/.test(text)) return readableFile(text)
  if (!URL.canParse(text)) throw new Error('must be an https URL, or a file')
  const url = new URL(text)
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new Error('must be an https URL, or a file: http is for loopback')
  return url
}
