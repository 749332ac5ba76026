import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createPlainServer, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Metadata, Server, ServerCredentials } from '@grpc/grpc-js'
import { certificate } from '../support/certificate.ts'
import { tempDir } from '../support/temp-dir.ts'

const PAIR = { cert: readFileSync(certificate('first.pem')), key: readFileSync(certificate('first.key')) }
const TOKEN = 'collector-Pa55'

/** A collector that notes the headers of each request. */
interface Collector {
  url: string
  heard: Record<string, unknown>[]
  close(): void
}

describe('the link to a collector of traces', () => {
  let folder: string
  let headersFile: string
  before(async () => {
    folder = await tempDir()
    headersFile = join(folder, 'headers')
    writeFileSync(headersFile, `api-key=${TOKEN},x-team=the%20orders\n`, { mode: 0o400 })
  })

  const kinds: [protocol: string, open: () => Promise<Collector>][] = [
    ['http/protobuf', httpsCollector],
    ['http/json', httpsCollector],
    ['grpc', grpcCollector],
  ]
  for (const [protocol, open] of kinds) {
    it(`is encrypted for ${protocol}, and takes a collector of the named authority alone; headers come from a file`, async () => {
      const collector = await open()
      try {
        const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol }
        const headers = { OTEL_EXPORTER_OTLP_HEADERS_FILE: headersFile }
        const printed = await send({ ...env, ...headers, OTEL_EXPORTER_OTLP_CERTIFICATE: certificate('ca.pem') })
        assert.equal(collector.heard.length, 1, printed)
        const [{ 'api-key': key, 'x-team': team } = {}] = collector.heard
        assert.deepEqual([key, team], [TOKEN, 'the orders'])

        const others = { OTEL_EXPORTER_OTLP_CERTIFICATE: certificate('other-ca.pem'), OTEL_EXPORTER_OTLP_TIMEOUT: '500' }
        const refused = await send({ ...env, ...headers, ...others })
        assert.equal(collector.heard.length, 1, 'nothing more came')
        assert.match(refused, /the last traces were not sent|OpenTelemetry/, 'what is not sent is logged')
        assert.doesNotMatch(printed + refused, new RegExp(TOKEN))
      } finally {
        collector.close()
      }
    })
  }

  it('has the headers of both variables, those of traces first', async () => {
    const heard: Collector['heard'] = []
    const server = createPlainServer(noting(heard)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      await send({
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        OTEL_EXPORTER_OTLP_HEADERS: 'api-key=shared,x-shop=tea',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS_FILE: headersFile,
      })
      const [{ 'api-key': key, 'x-shop': shop } = {}] = heard
      assert.deepEqual([heard.length, key, shop], [1, TOKEN, 'tea'])
    } finally {
      server.close()
    }
  })
})

/** Runs a process that sends one span. @returns what it prints */
async function send(env: Record<string, string>): Promise<string> {
  const program = join(import.meta.dirname, 'send-one-trace.ts')
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program], {
    env: { ...process.env, ...env },
  })
  return stdout + stderr
}

async function httpsCollector(): Promise<Collector> {
  const heard: Collector['heard'] = []
  const server = createServer(PAIR, noting(heard)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `https://localhost:${port}`, heard, close: () => void server.close() }
}

async function grpcCollector(): Promise<Collector> {
  const heard: Collector['heard'] = []
  const server = new Server()
  const bytes = (message: Buffer) => message
  const codec = { requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes }
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  server.addService(
    { Export: { path, requestStream: false, responseStream: false, ...codec } },
    {
      Export({ metadata }: { metadata: Metadata }, done: (error: null, answer: Buffer) => void) {
        heard.push(metadata.getMap())
        done(null, Buffer.alloc(0))
      },
    },
  )
  const { cert: cert_chain, key: private_key } = PAIR
  const credentials = ServerCredentials.createSsl(null, [{ cert_chain, private_key }])
  const port = await promisify(server.bindAsync.bind(server))('127.0.0.1:0', credentials)
  return { url: `https://localhost:${port}`, heard, close: () => server.forceShutdown() }
}

function noting(heard: Collector['heard']): RequestListener {
  return (request, response) => {
    heard.push(request.headers)
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }
}
