import { reasonOf } from '../../contracts/reason-of.ts'
import { STILL_MS } from '../processes/patience.ts'

export interface DownloadOptions {
  /** Size beyond which it is refused, in bytes: nobody can fill this machine's memory. */
  maxBytes: number
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
 * One file over HTTPS, whole, in memory; its body may take as long as it goes on coming. Plain HTTP is for addresses of this
 * machine alone.
 * @throws NoAnswer
 * @throws Error whose message says why not: status, size, plain HTTP, a body that stands still, or the network's own reason
 */
export async function download(url: string, options: DownloadOptions): Promise<Download> {
  const { maxBytes, headers = {}, answerWithin = STILL_MS } = options
  refusePlainHttp(url)
  const abort = new AbortController()
  const abortAfter = (ms: number, error: Error) => setTimeout(() => abort.abort(error), ms)
  let timer = abortAfter(answerWithin, new NoAnswer(`no answer for ${answerWithin / 1000} s`))
  try {
    const response = await fetch(url, { headers, signal: abort.signal })
    refusePlainHttp(response.url)
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
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

/** An address that a redirect led to is refused like any other: whoever stands in between could send what they like. */
function refusePlainHttp(url: string): void {
  const { protocol, hostname, host } = new URL(url)
  if (protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return
  throw new Error(`${protocol}//${host} is refused, since anybody on the way could change what comes: name it by https://`)
}

/** Reason of the network, which fetch keeps in its cause, and what to do about a certificate. */
function networkReason(error: unknown): string {
  const { cause } = error as Error
  const reason = reasonOf(cause ?? error)
  const code = cause instanceof Error && (cause as NodeJS.ErrnoException).code
  return code && /CERT|SIGNED|ISSUER/.test(code) ? `${reason} (name your own authority in NODE_EXTRA_CA_CERTS)` : reason
}
