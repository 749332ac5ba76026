import { inFile } from '../mutation.ts'

const ACCESS = 'test/identity/access.test.ts'
const TOKENS = 'test/identity/tokens.test.ts'
const RECENT = 'test/identity/recent-callers.test.ts'
const CERTIFICATES = 'test/identity/certificates.test.ts'
const DOORS = 'test/identity/doors.test.ts'
const METHODS = 'test/identity/methods.test.ts'
const GUARD = 'test/identity/guard.test.ts'
const SETTINGS = 'test/config/auth-config.test.ts'

/** Lines that keep each caller to what is theirs. */
export const IDENTITY_SAFEGUARDS = [
  ...inFile(
    'identity/access.ts',
    [ACCESS],
    [
      {
        find: "if (caller.kind === 'customer' && access === 'own') return",
        replace: "if (caller.kind === 'customer') return",
        breaks: 'a customer calls their own order paid, and reads the events of everybody',
      },
      {
        find: "if (caller.kind === 'service' && caller.scopes.has(scope)) return",
        replace: "if (caller.kind === 'service') return",
        breaks: 'a service of any scope places, pays and cancels the orders of everybody',
      },
      {
        find: "const scope = access === 'own' ? 'orders:any' : access",
        replace: "const scope = 'orders:any'",
        breaks: 'a service that may act for customers is let through to what is for operators',
      },
    ],
  ),
  ...inFile(
    'identity/bearer.ts',
    [TOKENS],
    [
      {
        find: "if (authorization.length > 1) throw unauthenticated('more than one Authorization was sent')",
        replace: '',
        breaks: 'of two tokens a gateway reads one and we another: who is meant depends on who reads',
      },
    ],
  ),
  ...inFile(
    'identity/caller-of-claims.ts',
    [TOKENS],
    [
      {
        find: '/^[1-9]\\d{0,9}$/.test(claim)',
        replace: 'true',
        breaks: 'two subjects are one user, because their texts are one number: 7, 07 and 0x7',
      },
      {
        find: 'return isId(id) ? id : undefined',
        replace: 'return id as number',
        breaks: 'a token whose claim is no user id names a customer all the same',
      },
      {
        find: 'SCOPES.filter((scope) => granted.includes(scope))',
        replace: 'SCOPES.filter(() => granted.length > 0)',
        breaks: 'a token with any scope has each of ours',
      },
    ],
  ),
  ...inFile(
    'identity/hosts.ts',
    [GUARD, SETTINGS],
    [
      {
        find: '/^127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}$/.test(host)',
        replace: '/^127\\./.test(host)',
        breaks: 'a page of another site reads orders through a name that begins as a loopback address does',
      },
    ],
  ),
  ...inFile(
    'identity/issuer-keys.ts',
    [TOKENS],
    [
      {
        find: 'cacheMaxAge: keptMs',
        replace: 'cacheMaxAge: Number.POSITIVE_INFINITY',
        breaks: 'a key that the issuer has withdrawn is trusted for as long as the process runs',
      },
      {
        find: 'cooldownDuration: pauseMs',
        replace: 'cooldownDuration: 0',
        breaks: 'whoever sends tokens of made-up keys has us ask the issuer for each of them',
      },
      {
        find: 'if (read?.of !== of)',
        replace: 'if (!read)',
        breaks: 'a key that was taken out of the file is trusted for as long as the process runs',
      },
    ],
  ),
  ...inFile(
    'identity/known-certificates.ts',
    [CERTIFICATES],
    [
      {
        find: '.find((name) => names.includes(name))',
        replace: '.at(0)',
        breaks: 'whoever has a certificate of the authority acts for everybody',
      },
    ],
  ),
  ...inFile(
    'identity/recent-callers.ts',
    [RECENT],
    [
      {
        find: 'if (this.#now() < known.until) return known.caller',
        replace: 'return known.caller',
        breaks: 'a token that was good once is good for ever',
      },
      {
        find: 'Math.min(exp * 1_000 - Date.now(), KNOWN_MS)',
        replace: 'KNOWN_MS',
        breaks: 'a token is good for a minute beyond its end',
      },
      {
        find: 'Math.min(exp * 1_000 - Date.now(), KNOWN_MS)',
        replace: 'exp * 1_000 - Date.now()',
        breaks: 'a token of a key that was withdrawn is good until it ends',
      },
      {
        find: 'if (this.#known.size >= this.#max && first !== undefined) this.#known.delete(first)',
        replace: 'void first',
        breaks: 'whoever has many tokens made takes all memory',
      },
    ],
  ),
  ...inFile(
    'identity/verify-tokens.ts',
    [TOKENS],
    [
      {
        find: '{ issuer, audience, algorithms',
        replace: '{ audience, algorithms',
        breaks: 'a token of another issuer whose keys are published at the same place is taken',
      },
      {
        find: '{ issuer, audience, algorithms',
        replace: '{ issuer, algorithms',
        breaks: 'a token that a customer gave to another service places orders here',
      },
      {
        find: 'algorithms: ALGORITHMS, ',
        replace: '',
        breaks: 'a token counts that is signed in a way nobody has looked at',
      },
      {
        find: "requiredClaims: ['exp', 'sub']",
        replace: "requiredClaims: ['sub']",
        breaks: 'a token that never ends is taken',
      },
      {
        find: ".update(token).digest('base64')",
        replace: ".update('').digest('base64')",
        breaks: 'everybody is taken for the caller whose token was verified first',
      },
    ],
  ),
  ...inFile(
    'identity/whose.ts',
    [DOORS, METHODS],
    [
      {
        find: "return caller.kind !== 'customer' || caller.userId === userId",
        replace: 'return true',
        breaks: 'a customer sees and cancels orders of somebody else',
      },
      {
        find: 'if (named === caller.userId) return named',
        replace: 'return named',
        breaks: 'a customer orders in the name of somebody else',
      },
      {
        find: 'if (named < 1) return caller.userId',
        replace: 'if (named < 1) return named',
        breaks: 'a customer who names no user is shown the orders of all of them',
      },
    ],
  ),
  ...inFile(
    'api/guard.ts',
    [GUARD, DOORS],
    [
      {
        find: 'if (open.length > 0) throw',
        replace: 'if (false as boolean) throw',
        breaks: 'a route that is added without a word of who may use it is open to everybody',
      },
      {
        find: 'requireAccess(request.caller, access)',
        replace: '',
        breaks: 'whoever is known may use every route',
      },
      {
        find: "if (others.length > 0) throw invalidInput([{ field: 'Host', problem: 'must be sent once' }])",
        replace: 'void others',
        breaks: 'of two hosts a proxy goes by one and we by the other',
      },
      {
        find: 'if (isLoopback(host) || names.includes(host)) return',
        replace: 'return',
        breaks: 'a page of another site reads and places orders through a name that leads to a loopback address',
      },
      {
        find: "if (isInner ? !INSIDE.has(access) : access === 'inside' && !isInsidePublic) throw notHere(request)",
        replace: 'void notHere',
        breaks: 'metrics and what is missing are shown at the public address',
      },
      {
        find: 'isInner ? inner.isLoopback : hosts.forAll',
        replace: 'isInner ? false : hosts.forAll',
        breaks: "a page of another site reads the metrics through a name that leads to the operators' loopback address",
      },
      {
        find: "hosts.forAll || access === 'inside'",
        replace: 'hosts.forAll',
        breaks: 'a page of another site reads the metrics of a starter on this machine that knows its callers',
      },
    ],
  ),
  ...inFile(
    'config/auth-config.ts',
    [SETTINGS],
    [
      {
        find: 'if (!address || isLoopback(address.host)) return []',
        replace: 'return []',
        breaks: 'a starter that asks nobody who they are is reached by other machines',
      },
      {
        find: "!operationsAddr && isLoopback(values.httpAddr?.host ?? '')",
        replace: '!operationsAddr',
        breaks: 'metrics and what is missing are shown to whoever reaches the public address',
      },
      {
        find: "forAll: mode === 'off' || httpHosts !== undefined",
        replace: 'forAll: httpHosts !== undefined',
        breaks: 'a page of another site reads and places orders on a developer’s machine',
      },
    ],
  ),
]
