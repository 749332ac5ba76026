import type { Readable } from 'node:stream'
import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import { invalidInput } from '../contracts/invalid-input.ts'

/** Twice what 1,000 lines need. */
const BODY_LIMIT_BYTES = 256 * 1024

interface Limits {
  /** Bytes of all bodies together that have begun to arrive. */
  maxBytes: number
  /** Is called for each body that is refused for want of room. */
  onRefused: () => void
}

/**
 * Reads bodies, within a bound on the memory of all that are under way. A body may take as much as is free at that moment: so the bound
 * is never passed, and of many callers that fill it the large bodies are refused first, while small ones, as orders are, still find room.
 */
export class Bodies {
  readonly #limits: Limits
  #held = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** @throws ApplicationFailure BodyTooLarge, ServiceUnavailable for want of room; InvalidInput if it ends before its end */
  async read(body: Readable, announcedBytes: number): Promise<Buffer> {
    if (announcedBytes > BODY_LIMIT_BYTES) throw tooLarge()
    const chunks: Buffer[] = []
    let size = 0
    let take = (_: Buffer): void => {}
    try {
      await new Promise<void>((resolve, reject) => {
        take = (chunk) => {
          chunks.push(chunk)
          size += chunk.length
          this.#held += chunk.length
          if (size > BODY_LIMIT_BYTES) reject(tooLarge())
          else if (size > this.#limits.maxBytes - this.#held) {
            this.#limits.onRefused()
            reject(noRoom())
          }
        }
        // Every body closes, most of them behind their end.
        const cut = () => body.readableEnded || reject(invalidInput([{ field: '', problem: 'must arrive whole' }]))
        body.on('data', take).on('end', resolve).on('error', cut).on('close', cut)
      })
      return Buffer.concat(chunks)
    } finally {
      // What comes after a refusal is dropped unread; the connection is closed behind the answer.
      body.off('data', take)
      this.#held -= size
    }
  }
}

function tooLarge() {
  return failureOf(failure('BodyTooLarge', 'the body is above 256 KiB'))
}

function noRoom() {
  const message = 'too many bodies are on their way; this request started nothing'
  return failureOf(failure('ServiceUnavailable', message, { service: 'order-saga' }))
}
