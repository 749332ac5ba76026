import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'

/** Returns the certificate of the other end of a connection, if it has shown one of an authority that is trusted. */
export function peerCertificate(socket: Socket): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const certificate = socket.getPeerCertificate()
  return certificate.raw ? certificate : undefined
}
