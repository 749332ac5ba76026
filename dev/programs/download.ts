export interface DownloadOptions {
  headers?: Record<string, string>
  /** Time to wait for the answer's head, in milliseconds. @default 10000 */
  answerWithin?: number
  /** Time for which a body may stand still, in milliseconds. @default 20000 */
  stallAfter?: number
}

export interface Download {
  body: Buffer
  contentType: string
  /** Final address, redirects followed. */
  url: string
}

/**
 * One file over HTTP, whole, in memory.
 * @throws Error whose message says why not: status, time-out, or the network's own reason
 */
export async function download(url: string, options: DownloadOptions = {}): Promise<Download> {
  const { headers = {}, answerWithin = 10_000, stallAfter = 20_000 } = options
  const abort = new AbortController()
  const abortAfter = (ms: number, what: string) => setTimeout(() => abort.abort(new Error(`${what} for ${ms / 1000} s`)), ms)
  let timer = abortAfter(answerWithin, 'no answer')
  try {
    const response = await fetch(url, { headers, signal: abort.signal })
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk)
      clearTimeout(timer)
      timer = abortAfter(stallAfter, 'nothing came')
    }
    return { body: Buffer.concat(chunks), contentType: response.headers.get('content-type') ?? '', url: response.url }
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error })
  } finally {
    clearTimeout(timer)
    abort.abort() // an answer that was refused for its status is not read to its end
  }
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  if (!(cause instanceof Error)) return message
  const { code } = cause as NodeJS.ErrnoException
  const reason = cause.message || code || message
  return /CERT|SIGNED|ISSUER/.test(code ?? '') ? `${reason} (name your own authority in NODE_EXTRA_CA_CERTS)` : reason
}
