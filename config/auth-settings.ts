import type { SettingTable } from './setting.ts'
import { address, authMode, hostNames, issuer, jwks, word, words } from './setting-parsers.ts'

/** Settings of who may call the front doors, entries of the one table (settings.ts). */
export const AUTH_SETTINGS = {
  AUTH: {
    readBy: ['starter', 'orders'],
    default: 'off',
    meaning:
      'Way in which callers are known: off, they are not, which only loopback addresses take; jwt, by tokens of an issuer; mtls, by certificates; gateway, something in front knows them',
    parse: authMode,
  },
  AUTH_ISSUER: {
    readBy: ['starter', 'codec'],
    optional: true,
    meaning: 'Issuer (iss) of the tokens under AUTH=jwt, and of those that the codec server takes, as it stands in them',
    parse: issuer,
  },
  AUTH_AUDIENCE: {
    readBy: ['starter', 'codec'],
    optional: true,
    meaning: 'Audience (aud) that those tokens have to name: this service, as its issuer knows it',
    parse: word,
  },
  AUTH_JWKS: {
    readBy: ['starter', 'codec'],
    optional: true,
    meaning: 'Public keys of the issuer (JWKS): an https URL, or a file, which is read again when it changes',
    parse: jwks,
  },
  AUTH_USER_CLAIM: {
    readBy: ['starter'],
    default: 'sub',
    meaning: "Claim of a token that holds a customer's user id",
    parse: word,
  },
  AUTH_MTLS_NAMES: {
    readBy: ['starter'],
    optional: true,
    meaning: 'Names in the certificates that may call under AUTH=mtls, with commas between them: the gateway, services',
    parse: words,
  },
  HTTP_HOSTS: {
    readBy: ['starter'],
    optional: true,
    meaning:
      "Host names by which the starter is called beside this machine's own, with commas between them; others are answered 421. Without it that holds under AUTH=off alone",
    parse: hostNames,
  },
  OPERATIONS_ADDR: {
    readBy: ['starter'],
    optional: true,
    meaning:
      'Address for operators alone: /metrics, /docs, and what /readyz lacks; without it they are at HTTP_ADDR as long as that is loopback, and nowhere otherwise',
    parse: address,
  },
} as const satisfies SettingTable
