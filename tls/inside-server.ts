import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { followFiles, serverOptions } from './server-options.ts'
import type { TlsFiles } from './tls-files.ts'

/** Prometheus, probes and operators ask in one packet; whoever takes longer holds a connection for nothing. Milliseconds. */
const LIMITS = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 }
const MAX_CONNECTIONS = 100

/**
 * Makes a server over HTTP, not yet listening, for those inside: Prometheus, probes, operators.
 * @param tls @default connections are not encrypted
 */
export function insideServer(listener: RequestListener, tls?: TlsFiles): Server {
  const server = tls ? createTlsServer({ ...LIMITS, ...serverOptions(tls) }, listener) : createServer(LIMITS, listener)
  if (tls) followFiles(server as ReturnType<typeof createTlsServer>, tls)
  server.maxConnections = MAX_CONNECTIONS
  return server
}
