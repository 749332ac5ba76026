import { reasonOf } from '../../contracts/reason-of.ts'
import { STILL_MS } from '../processes/patience.ts'

export interface DownloadOptions {
  headers?: Record<string, string>
  /** Time to wait for the answer's head, in milliseconds. @default STILL_MS: the line and the machine may be slow */
  answerWithin?: number
}

export interface Download {
  body: Buffer
  contentType: string
  /** Final address, redirects followed. */
  url: string
}

/** No answer had begun within the time that it was given. */
export class NoAnswer extends Error {}

/**
 * One file over HTTP, whole, in memory; its body may take as long as it goes on coming.
 * @throws NoAnswer
 * @throws Error whose message says why not: status, a body that stands still, or the network's own reason
 */
export async function download(url: string, options: DownloadOptions = {}): Promise<Download> {
  const { headers = {}, answerWithin = STILL_MS } = options
  const abort = new AbortController()
  const abortAfter = (ms: number, error: Error) => setTimeout(() => abort.abort(error), ms)
  let timer = abortAfter(answerWithin, new NoAnswer(`no answer for ${answerWithin / 1000} s`))
  try {
    const response = await fetch(url, { headers, signal: abort.signal })
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk)
      clearTimeout(timer)
      timer = abortAfter(STILL_MS, new Error(`nothing came for ${STILL_MS / 1000} s`))
    }
    return { body: Buffer.concat(chunks), contentType: response.headers.get('content-type') ?? '', url: response.url }
  } catch (error) {
    if (error instanceof NoAnswer) throw error
    throw new Error(networkReason(error), { cause: error })
  } finally {
    clearTimeout(timer)
    abort.abort() // an answer that was refused for its status is not read to its end
  }
}

/** Reason of the network, which fetch keeps in its cause, and what to do about a certificate. */
function networkReason(error: unknown): string {
  const { cause } = error as Error
  const reason = reasonOf(cause ?? error)
  const code = cause instanceof Error && (cause as NodeJS.ErrnoException).code
  return code && /CERT|SIGNED|ISSUER/.test(code) ? `${reason} (name your own authority in NODE_EXTRA_CA_CERTS)` : reason
}
