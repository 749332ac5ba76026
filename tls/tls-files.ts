import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'

/** Time between two looks at the files, in milliseconds. */
const LOOK_EVERY_MS = 5_000

/** Paths of the PEM files of one end of TLS connections. */
export interface TlsPaths {
  /** Own certificate, with those between it and its authority. */
  cert?: string | undefined
  /** Key of that certificate. */
  key?: string | undefined
  /** Authorities of the certificates of the other end. */
  ca?: string | undefined
}

/** Contents of these files. */
export type Certificates = { [Part in keyof TlsPaths]: Buffer }

export interface TlsFilesListener {
  /** Called after the files have changed: connections that begin now go by what they hold. */
  changed(): void
  /** Called once each time that the files begin to be unusable: what they held before stays in use. The reason holds nothing of them. */
  failed(reason: string): void
}

/**
 * Certificates of one end of TLS connections, in files that are read again while somebody follows them, so that a certificate is renewed without a
 * restart. Their contents are compared, not their times: a certificate and its key are two files, which change one after the other, and are taken
 * only together.
 */
export class TlsFiles {
  readonly #paths: TlsPaths
  readonly #listener: TlsFilesListener
  readonly #lookEveryMs: number
  readonly #followers = new Set<(now: Certificates) => void>()
  #current: Certificates
  #timer: NodeJS.Timeout | undefined
  #failing = false

  /**
   * @param listener @default nobody hears of changes
   * @param lookEveryMs time between two looks, for a test
   * @throws Error if a file can't be read, or certificate and key do not belong together
   */
  constructor(
    paths: TlsPaths,
    listener: TlsFilesListener = { changed() {}, failed() {} },
    { lookEveryMs = LOOK_EVERY_MS }: { lookEveryMs?: number } = {},
  ) {
    this.#paths = paths
    this.#listener = listener
    this.#lookEveryMs = lookEveryMs
    this.#current = Object.fromEntries(entriesOf(paths).map(([part, path]) => [part, readFileSync(path)]))
    createSecureContext(this.#current)
  }

  get current(): Certificates {
    return this.#current
  }

  /**
   * Calls back after each change.
   * @returns the end of that
   */
  follow(follower: (now: Certificates) => void): () => void {
    this.#followers.add(follower)
    if (entriesOf(this.#paths).length > 0) this.#timer ??= setInterval(() => void this.#look(), this.#lookEveryMs).unref()
    return () => {
      this.#followers.delete(follower)
      if (this.#followers.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  async #look(): Promise<void> {
    try {
      const parts = entriesOf(this.#paths).map(async ([part, path]) => [part, await readFile(path)] as const)
      const found: Certificates = Object.fromEntries(await Promise.all(parts))
      // Two looks may overlap: the result of either is as good.
      if (!isSame(found, this.#current)) {
        // A certificate whose key is not there yet would take the place of one that works.
        createSecureContext(found)
        this.#current = found
        for (const follower of this.#followers) follower(found)
        this.#listener.changed()
      }
      this.#failing = false
    } catch (error) {
      if (!this.#failing) this.#listener.failed((error as NodeJS.ErrnoException).code ?? (error as Error).name)
      this.#failing = true
    }
  }
}

function entriesOf(paths: TlsPaths): [keyof TlsPaths, string][] {
  return Object.entries(paths).filter(([, path]) => path !== undefined) as [keyof TlsPaths, string][]
}

function isSame(some: Certificates, others: Certificates): boolean {
  return (Object.keys(some) as (keyof TlsPaths)[]).every((part) => some[part]?.equals(others[part] ?? Buffer.alloc(0)))
}
