/** A user's data key, named by its id. */
export interface DataKeyName {
  userId: number
  id: string
}

/** A data key as it is stored: encrypted by a key that no database has. */
export interface WrappedKey {
  wrapped: Buffer
  /** Id of the key that encrypted it. */
  kek: string
}

/**
 * Encrypts users' data keys by a key-encryption key. The keys stand in a file (file-key-wrapping.ts), or with a cloud's key management
 * service: docs/sealed-recipients.md says how one is put here.
 */
export interface KeyWrapping {
  /** Id of the key that wraps now. */
  readonly current: string
  /** Encrypts a data key; what it is the key of is authenticated with it. */
  wrap(key: Buffer, of: DataKeyName): Promise<WrappedKey>
  /** @throws Error if the key that wrapped it is not at hand, or it was altered */
  unwrap(key: WrappedKey, of: DataKeyName): Promise<Buffer>
}
