import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HttpCaller } from '../../bench/http-caller.ts'

describe('the caller of the load generator', () => {
  let end = async () => {}
  afterEach(() => end())

  async function serving(listener: RequestListener) {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const caller = new HttpCaller(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
    end = async () => {
      caller.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    return caller
  }

  it('sends request after request on one connection, and hears answers that come in pieces', async () => {
    const seen: string[] = []
    const sockets = new Set<unknown>()
    const caller = await serving((request, response) => {
      sockets.add(request.socket)
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${request.headers['idempotency-key']} ${body}`)
        const answer = `answer ${seen.length} 件`
        response.writeHead(seen.length === 1 ? 201 : 422, { 'Content-Length': Buffer.byteLength(answer) })
        response.write(answer.slice(0, 3))
        setTimeout(() => response.end(answer.slice(3)), 5)
      })
    })
    assert.deepEqual(await caller.postJson('/orders', 'k-1', '{"名":1}'), { status: 201, body: 'answer 1 件' })
    assert.deepEqual(await caller.postJson('/orders', 'k-2', '{}'), { status: 422, body: 'answer 2 件' })
    assert.deepEqual(seen, ['POST /orders k-1 {"名":1}', 'POST /orders k-2 {}'])
    assert.equal(sockets.size, 1)
  })

  it('fails the request under way when the connection breaks, and every later one', async () => {
    const caller = await serving((request) => request.socket.destroy())
    await assert.rejects(caller.postJson('/orders', 'k', '{}'), /closed the connection|ECONNRESET/)
    assert.equal(caller.isBroken, true)
    await assert.rejects(caller.postJson('/orders', 'k', '{}'))
  })
})
