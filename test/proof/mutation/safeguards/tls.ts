import { inFile } from '../mutation.ts'

const NAMES = 'test/tls/names-of.test.ts'
const FILES = 'test/tls/tls-files.test.ts'
const ROTATION = 'test/tls/rotation.test.ts'
const LINKS = 'test/config/plain-links.test.ts'
const SERVERS = 'test/config/server-tls-config.test.ts'

/** Lines that keep links closed, and their ends who they say they are. */
export const TLS_SAFEGUARDS = [
  ...inFile(
    'tls/names-of.ts',
    [NAMES],
    [
      {
        find: "if (!subjectaltname) return typeof subject?.CN === 'string' ? [subject.CN] : []",
        replace: "if (typeof subject?.CN === 'string') return [subject.CN]",
        breaks: 'a certificate is called by its common name, whatever names its authority has looked at',
      },
      {
        find: "if (kind !== 'DNS' && kind !== 'URI') return []",
        replace: '',
        breaks: 'a certificate of a person has the name of a service as its e-mail address',
      },
      {
        find: '(?:"(?<quoted>(?:[^"\\\\]|\\\\.)*)"|(?<bare>[^,"]*))',
        replace: '(?:(?<quoted>(?!))|(?<bare>[^,]*))',
        breaks: 'one name with a comma is two names, the second of them that of the gateway',
      },
    ],
  ),
  ...inFile(
    'tls/peer-certificate.ts',
    [NAMES],
    [
      {
        find: '|| !socket.authorized',
        replace: '',
        breaks: 'a certificate counts that nobody vouches for',
      },
    ],
  ),
  ...inFile(
    'tls/server-options.ts',
    [ROTATION],
    [
      {
        find: 'rejectUnauthorized: true',
        replace: 'rejectUnauthorized: false',
        breaks: 'callers are served over HTTP whose certificate nobody vouches for',
      },
      {
        find: 'files.follow((now) => server.setSecureContext(now))',
        replace: 'files.follow(() => {})',
        breaks: 'a certificate that was renewed is shown after the next start, and callers are lost when the old one ends',
      },
    ],
  ),
  ...inFile(
    'tls/server-credentials.ts',
    [ROTATION],
    [
      {
        find: 'areCallersAsked ? provider : null, areCallersAsked)',
        replace: 'areCallersAsked ? provider : null, false)',
        breaks: 'callers are served over gRPC whose certificate nobody vouches for',
      },
    ],
  ),
  ...inFile(
    'tls/channel-credentials.ts',
    [ROTATION],
    [
      {
        find: 'files.current.cert ? provider : null',
        replace: 'null',
        breaks: 'services that ask for our certificate refuse every call',
      },
    ],
  ),
  ...inFile(
    'tls/certificate-provider.ts',
    [ROTATION],
    [
      {
        find: 'this.#unfollow.set(listener, this.#files.follow(follower))',
        replace: 'this.#unfollow.set(listener, () => {})',
        breaks: 'a certificate that was renewed is shown after the next start',
      },
    ],
  ),
  ...inFile(
    'tls/tls-files.ts',
    [FILES],
    [
      {
        find: 'createSecureContext(found)',
        replace: '',
        breaks: 'half of a renewal takes the place of a certificate that works: every new connection fails',
      },
      {
        find: 'createSecureContext(this.#current)',
        replace: '',
        breaks: 'a wrong key is found out by the first caller',
      },
      {
        find: 'if (!this.#failing) this.#listener.failed',
        replace: 'this.#listener.failed',
        breaks: 'files that are away fill the log',
      },
    ],
  ),
  ...inFile(
    'config/plain-links.ts',
    [LINKS],
    [
      {
        find: 'target.addresses.every(isHere)',
        replace: 'target.addresses.some(isHere)',
        breaks: 'the second address of a service is called without TLS',
      },
      {
        find: "searchParams.getAll('sslmode').at(-1) === 'verify-full'",
        replace: "searchParams.has('sslmode')",
        breaks: 'whoever stands between reads the database, because its certificate is not looked at',
      },
      {
        find: "searchParams.getAll('sslmode').at(-1)",
        replace: "searchParams.get('sslmode')",
        breaks: 'a second sslmode takes back what the first one promises',
      },
      {
        find: "searchParams.getAll('host').at(-1) ?? hostname",
        replace: 'hostname',
        breaks: 'a database elsewhere passes for one of this machine',
      },
      {
        find: 'if (temporal && !temporal.connection.tls)',
        replace: 'if (false as boolean)',
        breaks: 'orders go to Temporal without TLS',
      },
      {
        find: 'if (traces && isPlainUrl(traces.url))',
        replace: 'if (false as boolean)',
        breaks: 'traces leave without TLS',
      },
      {
        find: "return protocol === 'http:' && !isLoopback(hostname)",
        replace: "return protocol === 'http' && !isLoopback(hostname)",
        breaks: 'events, with what was bought, go to the shop without TLS',
      },
      {
        find: '!address || isHere(address) || env[certificate] ? undefined : certificate',
        replace: 'undefined',
        breaks: 'orders come in, and metrics go out, without TLS',
      },
    ],
  ),
  ...inFile(
    'config/tls-of-servers.ts',
    [SERVERS],
    [
      {
        find: "  OPERATIONS_ADDR: 'OPERATIONS_TLS',\n",
        replace: '',
        breaks: 'what is for operators is served to other machines without TLS',
      },
    ],
  ),
  ...inFile(
    'config/server-tls-config.ts',
    [SERVERS],
    [
      {
        find: 'if (env.OPERATIONS_TLS_CERT_PATH && !env.OPERATIONS_ADDR)',
        replace: 'if (false as boolean)',
        breaks: 'a certificate for operators is set, and what is for them is served without it',
      },
    ],
  ),
]
