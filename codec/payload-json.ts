import type { Payload } from '@temporalio/common'

/** A payload as protobuf's JSON has it: bytes in base64. */
interface PayloadJson {
  metadata?: Record<string, string>
  data?: string
}

/** Reads the body of a request to a codec server. @returns `undefined` if it is none */
export function payloadsOf(body: unknown): Payload[] | undefined {
  const { payloads } = (body ?? {}) as { payloads?: unknown }
  if (!Array.isArray(payloads) || !payloads.every(isPayload)) return undefined
  return payloads.map(({ metadata = {}, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, Buffer.from(text, 'base64')])),
    ...(data !== undefined && { data: Buffer.from(data, 'base64') }),
  }))
}

/** Writes a payload as the web UI and the Temporal CLI read it. */
export function payloadJson({ metadata, data }: Payload): PayloadJson {
  const fields = Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)] as const)
  return { metadata: Object.fromEntries(fields), ...(data && { data: base64(data) }) }
}

function isPayload(value: unknown): value is PayloadJson {
  if (typeof value !== 'object' || value === null) return false
  const { metadata = {}, data = '' } = value as Record<string, unknown>
  const isRecord = typeof metadata === 'object' && metadata !== null
  return isRecord && typeof data === 'string' && Object.values(metadata).every((text) => typeof text === 'string')
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
