import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { certificate } from '../support/certificate.ts'

describe('a webhook over https', () => {
  it('is delivered to a receiver of a known authority under its own name, and not one byte of it to another', async () => {
    let requests = 0
    const server = createServer(pairOf('first'), (request, response) => {
      requests++
      request.resume()
      response.writeHead(204).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      assert.equal(await post(`https://localhost:${port}/hook`, 'ca.pem'), 'delivered')
      assert.equal(requests, 1)
      const other = await post(`https://localhost:${port}/hook`, 'other-ca.pem')
      assert.match(other, /^the receiver is not reached \((UNABLE_TO_\w+|SELF_SIGNED_\w+)\)$/)
      const nobody = await post(`https://localhost:${port}/hook`)
      assert.match(nobody, /^the receiver is not reached \((UNABLE_TO_\w+|SELF_SIGNED_\w+)\)$/)

      server.setSecureContext(pairOf('elsewhere'))
      const elsewhere = await post(`https://localhost:${port}/hook`, 'ca.pem')
      assert.equal(elsewhere, 'the receiver is not reached (ERR_TLS_CERT_ALTNAME_INVALID)')
      assert.equal(requests, 1)
    } finally {
      server.close()
    }
  })
})

/** Posts from a process that knows one more authority: Node reads NODE_EXTRA_CA_CERTS at its start alone. */
async function post(url: string, authority?: 'ca.pem' | 'other-ca.pem'): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'post-webhook.ts'), url],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: authority && certificate(authority) } },
  )
  return stdout
}

function pairOf(name: 'first' | 'elsewhere') {
  return { cert: readFileSync(certificate(`${name}.pem`)), key: readFileSync(certificate(`${name}.key`)) }
}
