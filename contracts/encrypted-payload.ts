/** Encoding of an encrypted payload, as its metadata has it. */
export const ENCRYPTED = 'binary/encrypted'
/** Name of the metadata that holds the id of the key. */
export const KEY_ID = 'encryption-key-id'

/**
 * Returns the id of the key by which a payload is encrypted. Without one the payload is none of ours, whatever its encoding is called: a stranger's
 * bytes are refused, ours wait for their key.
 */
export function keyIdOf(payload: { metadata?: Record<string, Uint8Array> | null | undefined }): string | undefined {
  const { encoding, [KEY_ID]: keyId } = payload.metadata ?? {}
  if (!encoding || !keyId?.length) return undefined
  const text = new TextDecoder()
  return text.decode(encoding) === ENCRYPTED ? text.decode(keyId) : undefined
}
