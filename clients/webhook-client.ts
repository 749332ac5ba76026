import { Webhook } from 'standardwebhooks'
import { EVENT_POST_MS } from '../contracts/time-budget.ts'

/** Bytes of an answer that are read, so that its connection can be used again; an answer that is longer is cut off. */
const MAX_ANSWER_BYTES = 64 * 1024

/** Receiver of webhooks, reached by signed requests as Standard Webhooks (https://www.standardwebhooks.com) has them. */
export class WebhookClient {
  readonly #url: string
  readonly #webhook: Webhook

  /** @param secret in base64, with or without `whsec_` before it */
  constructor(url: string, secret: string) {
    this.#url = url
    this.#webhook = new Webhook(secret)
  }

  /**
   * Delivers one message.
   * @param id the same for each attempt at this message: by it the receiver knows a repeat
   * @throws Error saying why it is not delivered, unless the receiver answered 2xx in time; redirects are not followed
   */
  async post(id: string, message: object, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify(message)
    const now = new Date()
    const timeOut = AbortSignal.timeout(EVENT_POST_MS)
    try {
      const answer = await fetch(this.#url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'user-agent': 'order-saga',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
          'webhook-signature': this.#webhook.sign(id, now, body),
        },
        body,
        signal: AbortSignal.any([timeOut, signal]),
      })
      if (!answer.ok) {
        await answer.body?.cancel()
        throw new NotDelivered(`the receiver answered ${answer.status}`)
      }
      await readSome(answer)
    } catch (error) {
      if (error instanceof NotDelivered) throw error
      if (timeOut.aborted) throw new NotDelivered(`no answer within ${EVENT_POST_MS} ms`)
      throw new NotDelivered(`the receiver is not reached (${codeOf(error)})`)
    }
  }
}

class NotDelivered extends Error {}

async function readSome({ body }: Response): Promise<void> {
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += (chunk as Uint8Array).byteLength
    if (bytes > MAX_ANSWER_BYTES) return
  }
}

/** Returns a word for an error of fetch, whose message may hold the address, and with it a password. */
function codeOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown; name?: unknown }; name?: unknown }
  return String(cause?.code ?? cause?.name ?? name)
}
