import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js'

export interface Listening {
  /** `host:port` */
  address: string
  stop(): void
}

/** A gRPC server of a few lines, for answers that no reference service gives. Methods without a handler are UNIMPLEMENTED. */
export async function listening(
  definition: ServiceDefinition,
  implementation: UntypedServiceImplementation,
  address = '127.0.0.1:0',
): Promise<Listening> {
  const server = new Server()
  server.addService(definition, implementation)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)))
  })
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() }
}
