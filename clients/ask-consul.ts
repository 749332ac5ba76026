import { readFile } from 'node:fs/promises'
import * as http from 'node:http'
import * as https from 'node:https'
import { text } from 'node:stream/consumers'

/** Token and authorities with which a Consul agent is asked. */
export interface ConsulAccess {
  /** Token of Consul's access control. */
  token?: string
  /** PEM file of the authorities of an agent over HTTPS, read for each request. @default the system's */
  ca?: string
}

export interface ConsulAnswer {
  status: number
  /** Number by which the next blocking query goes on; 0 if the agent gave none. */
  index: number
  body: string
}

/**
 * Asks a Consul agent. A redirect is an answer like any other: a client that follows it carries the token to whoever it names.
 * @throws Error if there is no answer; it names neither token nor address
 */
export async function askConsul(
  url: URL,
  { token, ca }: ConsulAccess,
  { method = 'GET', body, signal }: { method?: 'GET' | 'PUT'; body?: object; signal: AbortSignal },
): Promise<ConsulAnswer> {
  const headers = {
    accept: 'application/json',
    ...(body && { 'content-type': 'application/json' }),
    ...(token && { 'x-consul-token': token }),
  }
  const authorities = ca && (await readFile(ca))
  const { request } = url.protocol === 'https:' ? https : http
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request(url, { method, headers, signal, ...(authorities && { ca: authorities }) }, resolve)
      .on('error', (error: NodeJS.ErrnoException) => reject(url.protocol === 'https:' ? explained(error) : error))
      .end(body && JSON.stringify(body))
  })
  const { statusCode = 0, headers: answered } = response
  return { status: statusCode, index: Number(answered['x-consul-index'] ?? 0), body: await text(response) }
}

/** Node's codes of a certificate that is not trusted, or is somebody else's. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER/

function explained(error: NodeJS.ErrnoException): Error {
  if (!UNTRUSTED.test(error.code ?? '')) return error
  return new Error(`${error.message}: CONSUL_CACERT names the authorities of the agent's certificate`)
}
