import { once } from 'node:events'
import { type AddressInfo, createServer, type Server as Listener } from 'node:net'
import type { Server, ServerCredentials } from '@grpc/grpc-js'
import { BACKLOG } from '../../limits/backlog.ts'

/**
 * Listens for a gRPC server, which itself shows nobody its connections: each passes a guard first, which may close it.
 * @param address `host:port`; port 0 takes a free one
 * @param guard listens for the connections of the listener
 * @throws Error if it can't listen there, with the words of Node: `listen EADDRINUSE…`
 */
export async function guardedListener(
  server: Server,
  address: string,
  credentials: ServerCredentials,
  guard: (listener: Listener) => void,
): Promise<{ port: number; close(): void }> {
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? []
  const listener = createServer()
  guard(listener)
  const { injectConnection } = server.createConnectionInjector(credentials)
  listener.on('connection', (socket) => {
    if (!socket.destroyed) injectConnection(socket)
  })
  listener.listen({ port: Number(port), host, backlog: BACKLOG })
  await once(listener, 'listening')
  return { port: (listener.address() as AddressInfo).port, close: () => void listener.close() }
}
