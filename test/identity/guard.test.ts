import assert from 'node:assert/strict'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { guardRoutes } from '../../api/guard.ts'
import { InnerDoor } from '../../api/inner-door.ts'
import { ANYBODY } from '../../contracts/caller.ts'
import { believeAnybody } from '../../identity/authenticate.ts'
import { knownCertificates } from '../../identity/known-certificates.ts'
import { appOf, CONFIRMED, ordersThatSay } from '../api/parts.ts'

describe('the guard in front of the routes', () => {
  it('lets no starter begin that has a route of which nobody said who may use it', async () => {
    const app = Fastify()
    const hosts = { names: [], forAll: true }
    guardRoutes(app, { authenticate: believeAnybody, hosts, inner: new InnerDoor(), isInsidePublic: true })
    app.get('/told', { config: { access: 'own' } }, async () => 'told')
    app.get('/forgotten', async () => 'forgotten')
    await assert.rejects(async () => await app.ready(), /declare no access \(config.access\): .*GET \/forgotten/)
  })

  for (const [scheme, authenticate] of Object.entries({
    nothing: believeAnybody,
    token: () => ANYBODY,
    certificate: knownCertificates(['gateway']),
  })) {
    it(`demands in the OpenAPI document what senders are asked for, of those who are asked alone: ${scheme}`, async () => {
      const { app } = await appOf({ authenticate })
      const { paths, components } = (await app.inject('/openapi.json')).json() as {
        paths: Record<string, Record<string, { security?: object[] }>>
        components: { securitySchemes?: object }
      }
      const demanded = Object.entries(paths).flatMap(([path, item]) =>
        Object.entries(item).flatMap(([method, { security = [] }]) => security.map((one) => [`${method} ${path}`, one] as const)),
      )
      const schemes = scheme === 'nothing' ? [] : [scheme]
      assert.deepEqual(Object.keys(components.securitySchemes ?? {}), schemes)
      assert.deepEqual([...new Set(demanded.flatMap(([, one]) => Object.keys(one)))], schemes)
      const asked = demanded.map(([route]) => route)
      assert.equal(asked.includes('get /readyz'), false)
      assert.equal(asked.includes('post /orders'), scheme !== 'nothing')
    })
  }

  it('refuses a request by the name of another host, as a page of another site sends it to a loopback address', async () => {
    const { app } = await appOf({ orders: ordersThatSay(CONFIRMED), hosts: { names: ['orders.example.com'], forAll: true } })
    const ask = async (host: string, url = `/orders/${CONFIRMED.orderSn}`) => {
      const { statusCode } = await app.inject({ url, headers: { host } })
      return statusCode
    }
    for (const host of ['localhost', 'localhost:3000', '127.0.0.1:3000', '[::1]:3000', 'LOCALHOST', 'orders.example.com:80']) {
      assert.equal(await ask(host), 200, host)
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.nip.io:3000',
      'localhost@evil.example',
      '10.0.0.7',
    ]) {
      assert.equal(await ask(host), 421, host)
    }
    assert.deepEqual([await ask('evil.example', '/metrics'), await ask('evil.example', '/openapi.json')], [421, 421])
    assert.equal(await ask('10.0.0.7:3000', '/healthz'), 200, 'a probe goes by address')
  })

  it('refuses them for what operators see as well: at their own address on this machine, and where only that is asked', async () => {
    const { app, inner, stop } = await appOf({ isInsidePublic: false, hosts: { names: [], forAll: false } })
    const at = new URL(await inner.listen(app, { host: '127.0.0.1', port: 0 }))
    try {
      assert.match((await statusLine(at, ['localhost'], '/metrics')) ?? '', / 200 /)
      assert.match((await statusLine(at, ['evil.example'], '/metrics')) ?? '', / 421 /)
    } finally {
      await stop()
    }
    const { app: shared } = await appOf({ hosts: { names: [], forAll: false } })
    const ask = async (url: string) => (await shared.inject({ url, headers: { host: 'evil.example' } })).statusCode
    assert.deepEqual([await ask('/metrics'), await ask(`/orders/${CONFIRMED.orderSn}`)], [421, 404])
  })

  it('refuses two hosts in one request: whoever stands in front may go by the other', async () => {
    const { app } = await appOf({ orders: ordersThatSay(CONFIRMED) })
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
    const ask = (hosts: string[]) => statusLine(url, hosts, `/orders/${CONFIRMED.orderSn}`)
    try {
      assert.match((await ask(['localhost'])) ?? '', / 200 /)
      assert.match((await ask(['localhost', 'evil.example'])) ?? '', / 400 /)
      assert.match((await ask(['localhost', 'localhost'])) ?? '', / 400 /)
    } finally {
      await app.close()
    }
  })

  it('serves what is for operators at their own address alone, and nothing else there', async () => {
    const store = { isUp: false, latest: 0 }
    const { app, inner, stop } = await appOf({ isInsidePublic: false, store })
    const at = await inner.listen(app, { host: '127.0.0.1', port: 0 })
    try {
      for (const url of ['/metrics', '/docs', '/docs/json', '/openapi.json', '/docs/problems']) {
        assert.equal((await app.inject(url)).statusCode, 404, url)
        assert.ok((await fetch(`${at}${url}`)).status < 400, url)
      }
      assert.equal((await fetch(`${at}/orders/${CONFIRMED.orderSn}`)).status, 404)
      const outside = await app.inject('/readyz')
      assert.deepEqual([outside.statusCode, outside.json().missing], [503, undefined])
      const inside = await fetch(`${at}/readyz`)
      assert.deepEqual([inside.status, ((await inside.json()) as { missing: unknown }).missing], [503, ['postgresql']])
    } finally {
      await stop()
    }
    await assert.rejects(fetch(`${at}/metrics`))
  })
})

/** First line of the answer to a request with these hosts, each in a header of its own. */
async function statusLine({ port }: URL, hosts: string[], path: string): Promise<string | undefined> {
  const socket = connect(Number(port), '127.0.0.1')
  socket.end(`GET ${path} HTTP/1.1\r\n${hosts.map((host) => `Host: ${host}\r\n`).join('')}Connection: close\r\n\r\n`)
  return (await socket.setEncoding('utf8').toArray()).join('').split('\r\n')[0]
}
