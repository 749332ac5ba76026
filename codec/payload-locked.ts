/**
 * Thrown for an encrypted payload that can't be decrypted. It is no input that may be refused: the workflow task fails and the activity is tried again, until a
 * worker has the key.
 */
export class PayloadLocked extends Error {
  override readonly name = 'PayloadLocked'

  static withoutKey(keyId: string, hasKeys: boolean): PayloadLocked {
    // Whoever may start a run chooses this text: it is shortened, and nothing of it but letters and digits is repeated.
    const id = keyId.slice(0, 64).replaceAll(/[^A-Za-z0-9._-]/g, '?')
    return new PayloadLocked(
      hasKeys
        ? `a payload is encrypted by key ${id}, which PAYLOAD_KEYS_FILE does not have: add it`
        : `a payload is encrypted by key ${id}: set PAYLOAD_KEYS_FILE`,
    )
  }

  static altered(keyId: string): PayloadLocked {
    return new PayloadLocked(
      `a payload that names key ${keyId} was not encrypted by it in this namespace, or was altered since: compare the keys of all processes`,
    )
  }
}
