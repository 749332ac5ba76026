import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { freePort } from '../../dev/processes/ports.ts'

export interface Listening {
  /** `host:port` */
  address: string
  stop(): void
}

/**
 * A gRPC server of a few lines, for answers that no reference service gives. Methods without a handler are UNIMPLEMENTED.
 * @param address `host:port` @default a free port, which a later server can have as well
 */
export async function listening(
  definition: ServiceDefinition,
  implementation: UntypedServiceImplementation,
  address?: string,
): Promise<Listening> {
  const at = address ?? `127.0.0.1:${await freePort()}`
  const server = new Server()
  server.addService(definition, implementation)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(at, ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)))
  })
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() }
}
