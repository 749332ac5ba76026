import type { Server, TlsOptions } from 'node:tls'
import type { TlsFiles } from './tls-files.ts'

/** Time in which the beginning of TLS has to be through, in milliseconds: until then a connection holds a place, and a stop waits for it. */
const HANDSHAKE_MS = 5_000

/** Returns the options of a Node server over TLS. If the files name authorities, a caller without a certificate of theirs is refused. */
export function serverOptions({ current }: TlsFiles): TlsOptions {
  return { ...current, handshakeTimeout: HANDSHAKE_MS, ...(current.ca && { requestCert: true, rejectUnauthorized: true }) }
}

/** Lets the connections of a server that begin later go by what the files hold then, until it closes. */
export function followFiles(server: Server, files: TlsFiles): void {
  server.once(
    'close',
    files.follow((now) => server.setSecureContext(now)),
  )
}
