import { BinaryReader } from '@bufbuild/protobuf/wire'
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'

/** A request as it arrived; `undefined` if its bytes are no such message, or a text in it is not UTF-8. */
export type Received<Request> = { message: Request | undefined }

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Makes the definition of a service whose handlers see also what can't be read, so that they can refuse it as any other input. grpc-js would answer INTERNAL; and what is not
 * UTF-8 would be decoded all the same, to an address that nobody wrote.
 */
export function strictRequests<Definition extends ServiceDefinition<UntypedServiceImplementation>>(
  service: Definition,
): Definition {
  const methods = Object.entries(service).map(([name, method]) => [
    name,
    {
      ...method,
      requestDeserialize(bytes: Buffer): Received<unknown> {
        try {
          const reader = new BinaryReader(bytes, (text) => UTF_8.decode(text))
          // The generated decoder takes a reader as well.
          return { message: method.requestDeserialize(reader as unknown as Buffer) }
        } catch {
          return { message: undefined }
        }
      },
    },
  ])
  return Object.fromEntries(methods) as Definition
}
