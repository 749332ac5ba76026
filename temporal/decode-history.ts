import type { WorkflowHandle } from '@temporalio/client'
import type { Payload, PayloadCodec } from '@temporalio/common'
import { keyIdOf } from '../contracts/encrypted-payload.ts'
import { decodePayloads } from './decode-payloads.ts'

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>

/**
 * Decrypts the payloads of a history, which the server hands out as it holds them. Those whose key is missing stay encrypted: a history is shown without
 * them rather than not at all.
 */
export async function decodeHistory(history: History, codecs: readonly PayloadCodec[]): Promise<History> {
  for (const payload of encryptedIn(history.events)) {
    const [decoded] = await decodePayloads([payload], codecs).catch(() => [])
    if (decoded) Object.assign(payload, decoded)
  }
  return history
}

function encryptedIn(value: unknown): Payload[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  const { metadata } = value as Payload
  if (metadata?.encoding instanceof Uint8Array) return keyIdOf({ metadata }) === undefined ? [] : [value as Payload]
  return Object.values(value).flatMap(encryptedIn)
}
