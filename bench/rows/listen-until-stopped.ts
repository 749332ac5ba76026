import type { Server } from '@grpc/grpc-js'
import { ServerCredentials } from '@grpc/grpc-js'
import { stopRequested } from '../../composition/lifecycle.ts'

/** Serves on `STUB_ADDR` until the process is asked to stop. */
export async function listenUntilStopped(server: Server): Promise<void> {
  const stop = stopRequested()
  await new Promise<void>((resolve, reject) => {
    const { STUB_ADDR: address = '127.0.0.1:8081' } = process.env
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()))
  })
  await stop
  server.forceShutdown()
}
