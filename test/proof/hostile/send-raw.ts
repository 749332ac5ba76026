import { connect } from 'node:net'

export interface RawAnswer {
  /** 0 if the connection was closed without an answer. */
  status: number
  contentType: string
  body: string
}

/** Time within which something has to come, on a slow machine too. Milliseconds. */
const STILL_MS = 180_000

/** Sends bytes as they are, which no HTTP client would let out, and reads until the server closes the connection. */
export function sendRaw(url: string, bytes: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.setTimeout(STILL_MS, () => socket.destroy(new Error(`neither an answer nor an end within ${STILL_MS / 1_000} s`)))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // The server may close while we still send; what it said before counts.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => resolve(answerIn(Buffer.concat(chunks).toString())))
  })
}

/** One request on a connection of its own. @param headers as they are, the content's length beside them */
export function rawRequest(
  method: string,
  path: string,
  { headers = [], body = '' }: { headers?: string[]; body?: string | Buffer } = {},
): Buffer {
  const sent = Buffer.from(body)
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    `Content-Length: ${sent.length}`,
    ...headers,
  ]
  // Latin-1, as bytes beyond ASCII travel in headers.
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), sent])
}

function answerIn(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const head = text.slice(0, end)
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    contentType: /^content-type: (.*)$/im.exec(head)?.[1]?.trim() ?? '',
    body: text.slice(end + 4),
  }
}
