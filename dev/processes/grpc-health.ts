import { Client, credentials } from '@grpc/grpc-js'

/** grpc.health.v1.HealthCheckResponse: field 1, SERVING. Two bytes need no generated code. */
const SERVING = Buffer.from([0x08, 0x01])

/** Reports whether a gRPC server calls itself SERVING; `false` if nobody answers within 10 s. */
export function isServing(address: string): Promise<boolean> {
  const client = new Client(address, credentials.createInsecure())
  return new Promise<boolean>((resolve) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      (request: Buffer) => request,
      (answer: Buffer) => answer,
      Buffer.alloc(0),
      { deadline: Date.now() + 10_000 },
      (error, answer) => resolve(!error && answer !== undefined && SERVING.equals(answer)),
    )
  }).finally(() => client.close())
}
