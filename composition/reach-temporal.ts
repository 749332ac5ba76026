import { Connection, type ConnectionOptions } from '@temporalio/client'

/**
 * Connects to the Temporal server, for a program that is of no use without it.
 * @throws Error naming its address, why not, and what to do
 */
export async function reachTemporal(options: ConnectionOptions): Promise<Connection> {
  return await Connection.connect(options).catch((error: Error) => {
    throw new Error(`Temporal does not answer at ${options.address} (${error.message}): start it, or mend TEMPORAL_ADDRESS`)
  })
}
