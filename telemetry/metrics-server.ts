import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import { type Address, addressText } from '../clients/address.ts'
import { insideServer } from '../tls/inside-server.ts'
import type { TlsFiles } from '../tls/tls-files.ts'
import { readSdkMetrics } from './sdk-metrics.ts'

/** Time for which a connection may stand still with a request on it, in milliseconds: its peer takes nothing of the answer. */
const STILL_MS = 30_000

export interface MetricsServer {
  /** `http://host:port` or `https://host:port`, the port as taken. */
  url: string
  close(): Promise<void>
}

/**
 * `/metrics`, `/healthz` and `/readyz` of a process that serves nothing else over HTTP.
 * @param options.sdkMetrics the address where the Temporal SDK serves its own, joined to ours
 * @param options.stillMs milliseconds that a connection may stand still @default 30000
 * @param options.tls @default connections are not encrypted
 * @param options.notReady why the process is not ready, or `undefined`
 * @param options.onReadiness hears what each `/readyz` answered: that reason, or `''`
 */
export async function serveMetrics(
  { host, port }: Address,
  registry: Registry,
  options: {
    sdkMetrics?: string
    notReady: () => Promise<string | undefined>
    onReadiness?: (reason: string) => void
    stillMs?: number
    tls?: TlsFiles | undefined
  },
): Promise<MetricsServer> {
  const listener: RequestListener = async (request, response) => {
    const [status, type, body] = await answer(request.url ?? '/').catch(
      (error: unknown) => [500, 'text/plain', String(error)] as const,
    )
    if (status !== 404 && request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain' }).end('only GET and HEAD are served here\n')
      return
    }
    response.writeHead(status, { 'content-type': type }).end(body)
  }
  const { tls } = options
  const server = insideServer(listener, tls)
  server.timeout = options.stillMs ?? STILL_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(`can't listen on METRICS_ADDR ${host}:${port} (${error.code}): free it, or set another`)),
    )
    server.listen(port, host, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://${addressText({ host, port: taken })}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function answer(path: string): Promise<readonly [number, string, string]> {
    switch (path.split('?')[0]) {
      case '/metrics':
        return [200, registry.contentType, (await Promise.all([registry.metrics(), sdkMetrics()])).join('')]
      case '/healthz':
        return [200, 'text/plain', 'ok\n']
      case '/readyz': {
        const reason = await options.notReady()
        options.onReadiness?.(reason ?? '')
        return reason === undefined ? [200, 'text/plain', 'ready\n'] : [503, 'text/plain', `${reason}\n`]
      }
      default:
        return [404, 'text/plain', 'see /metrics, /healthz and /readyz\n']
    }
  }

  async function sdkMetrics(): Promise<string> {
    return options.sdkMetrics ? await readSdkMetrics(options.sdkMetrics) : ''
  }
}
