import type { Payload, PayloadCodec } from '@temporalio/common'

/** Decodes payloads as the SDK does: by the last codec first. @throws PayloadLocked if one is encrypted and its key is missing */
export async function decodePayloads(payloads: Payload[], codecs: readonly PayloadCodec[]): Promise<Payload[]> {
  let decoded = payloads
  for (const codec of codecs.toReversed()) decoded = await codec.decode(decoded)
  return decoded
}
