import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { extract } from '../../dev/programs/archive.ts'
import { download } from '../../dev/programs/download.ts'

describe('a download', () => {
  let server: Server
  let base: string
  before(async () => {
    server = createServer(({ url }, response) => {
      if (url === '/away')
        return response.writeHead(302, { location: `http://[::ffff:127.0.0.1]:${new URL(base).port}/ten` }).end()
      response.write('01234')
      response.end('56789') // in pieces, without a length said beforehand
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })

  it('is refused beyond the size that it may have', async () => {
    assert.equal((await download(`${base}/ten`, { maxBytes: 10 })).body.toString(), '0123456789')
    await assert.rejects(download(`${base}/ten`, { maxBytes: 9 }), /larger than 9 bytes/)
  })

  it('is not made over plain HTTP beyond this machine, nor are its redirects', async () => {
    for (const host of ['index.example', '128.0.0.1', '10.0.0.1', 'localhost.example', '127.0.0.1.example']) {
      await assert.rejects(download(`http://${host}/`, { maxBytes: 10 }), (error: Error) =>
        error.message.includes(`http://${host} is refused`),
      )
    }
    // Not one of the names of this machine that are known to be its own, and yet reached by it.
    await assert.rejects(
      download(`${base}/away`, { maxBytes: 10 }),
      /is refused, since anybody on the way could change what comes/,
    )
  })
})

describe('an archive', () => {
  it('is refused beyond the size that it may have once it is unpacked', async () => {
    const bombs = [gzipSync(Buffer.alloc(1 << 20)), Buffer.from(zipSync({ tool: Buffer.alloc(1 << 20) }))]
    for (const bomb of bombs)
      await assert.rejects(extract(bomb, 'tool', 1_000_000), /larger than 1000000 bytes|holds no file tool/)
  })

  it('writes nothing by the names that it gives its files', async () => {
    const head = Buffer.alloc(512)
    head.write('../../escaped/tool', 0)
    head.write('00000000003', 124)
    head.write('0', 156)
    const found = await extract(gzipSync(Buffer.concat([head, Buffer.from('abc'), Buffer.alloc(509)])), 'tool')
    assert.equal(Buffer.from(found).toString(), 'abc')
  })
})
