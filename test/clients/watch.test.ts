import assert from 'node:assert/strict'
import { type Address, addressText } from '../../clients/address.ts'
import { parseTarget } from '../../clients/target.ts'
import type { Watch } from '../../clients/watch.ts'
import { watchConsul } from '../../clients/watch-consul.ts'
import { watchNames } from '../../clients/watch-names.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { until } from '../e2e/faults/until.ts'
import { ConsulStandIn } from './consul-stand-in.ts'

const at = (host: string, port = 1) => ({ host, port })

describe('the watch of host names', () => {
  const { told, watch, end } = watcher()
  afterEach(end)

  it('reports addresses at once, and again only when they have changed', async () => {
    let hosts = ['10.0.0.1']
    let looks = 0
    const resolve = async () => {
      looks++
      return hosts.map((address) => ({ address }))
    }
    watch(watchNames([at('goods', 8081)], { everyMs: 5, resolve }))
    await until('a few looks', () => assert.ok(looks > 3))
    assert.deepEqual(told, ['10.0.0.1:8081'])
    hosts = ['10.0.0.2', '10.0.0.1']
    await until('it is told', () => assert.deepEqual(told, ['10.0.0.1:8081', '10.0.0.2:8081 10.0.0.1:8081']))
    hosts.reverse()
    const before = looks
    await until('a few looks more', () => assert.ok(looks > before + 3))
    assert.equal(told.length, 2)
  })

  it('keeps what it knew of a name that cannot be looked up, and tells of the others', async () => {
    let away = false
    const resolve = async (host: string) => {
      if (host === 'a' && away) throw new Error('EAI_AGAIN a')
      return [{ address: host === 'a' ? '10.0.0.1' : away ? '10.0.0.3' : '10.0.0.2' }]
    }
    watch(watchNames([at('a'), at('b')], { everyMs: 5, resolve }))
    await until('both are known', () => assert.deepEqual(told, ['10.0.0.1:1 10.0.0.2:1']))
    away = true
    await until('the other is followed', () => assert.equal(told.at(-1), '10.0.0.1:1 10.0.0.3:1'))
  })

  it('tells once that nothing can be learned, and the addresses as soon as they can', async () => {
    let away = true
    let looks = 0
    const resolve = async () => {
      looks++
      if (away) throw new Error('ENOTFOUND goods')
      return [{ address: '10.0.0.1' }]
    }
    watch(watchNames([at('goods')], { everyMs: 5, resolve }))
    await until('two looks', () => assert.ok(looks > 1))
    assert.deepEqual(told, ['failed: ENOTFOUND goods'])
    away = false
    await until('it is told', () => assert.equal(told.at(-1), '10.0.0.1:1'))
  })

  it('asks nobody about addresses, and knows the names of this machine', async () => {
    watch(watchNames([at('127.0.0.1'), at('::1')], { everyMs: 5, resolve: async () => assert.fail('asked') }))
    watch(watchNames([at('localhost', 7)], { everyMs: 5_000 }))
    await until('both are told', () => assert.equal(told.length, 2))
    assert.equal(told[0], '127.0.0.1:1 [::1]:1')
    assert.match(told[1] ?? '', /127\.0\.0\.1:7|\[::1\]:7/)
  })

  it('ends', async () => {
    let looks = 0
    watch(
      watchNames([at('goods')], {
        everyMs: 1,
        resolve: async () => {
          looks++
          return [{ address: '10.0.0.1' }]
        },
      }),
    )
    await until('it looks', () => assert.ok(looks > 2))
    end()
    const before = looks
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.ok(looks <= before + 1)
  })
})

describe('the watch of a Consul service', () => {
  const { told, watch, end } = watcher()
  const consul = new ConsulStandIn()
  before(() => consul.start())
  after(() => consul.stop())
  beforeEach(() => {
    consul.set([at('10.0.0.1', 1), at('10.0.0.2', 2)], 10)
    consul.queries.length = 0
    consul.status = 200
  })
  afterEach(end)

  it('asks for the healthy instances, then blocks until the agent knows of a change', async () => {
    watch(consulWatch('?tag=v2', 'hush'))
    await until('it blocks', () => assert.equal(consul.queries.length, 2))
    assert.deepEqual(consul.queries, [
      { method: 'GET', path: '/v1/health/service/goods', parameters: { tag: 'v2', passing: '1' }, token: 'hush' },
      {
        method: 'GET',
        path: '/v1/health/service/goods',
        parameters: { tag: 'v2', passing: '1', index: '10', wait: '60s' },
        token: 'hush',
      },
    ])
    assert.deepEqual(told, ['10.0.0.1:1 10.0.0.2:2'])
    consul.set([at('10.0.0.2', 2), at('10.0.0.3', 3)])
    await until('it is told', () => assert.equal(told[1], '10.0.0.2:2 10.0.0.3:3'))
    await until('it blocks again', () => assert.equal(consul.queries.at(-1)?.parameters.index, '11'))
  })

  it('says nothing when a wait was over without a change', async () => {
    watch(consulWatch())
    await until('it blocks', () => assert.equal(consul.queries.length, 2))
    consul.tick()
    await until('it blocks again', () => assert.equal(consul.queries.length, 3))
    assert.equal(consul.queries[2]?.parameters.index, '10')
    assert.equal(told.length, 1)
  })

  it('starts anew if the index went back, as after the loss of its state', async () => {
    watch(consulWatch())
    await until('it blocks', () => assert.equal(consul.queries.length, 2))
    consul.set([at('10.0.0.4', 4)], 3)
    await until('it is told', () => assert.equal(told.at(-1), '10.0.0.4:4'))
    await until('it blocks again', () => assert.equal(consul.queries.at(-1)?.parameters.index, '3'))
    assert.deepEqual(
      consul.queries.map(({ parameters: { index } }) => index),
      [undefined, '10', undefined, '3'],
    )
  })

  it('keeps the last instances when none is left or the agent fails, tells why once, and goes on by itself', async () => {
    watch(consulWatch())
    await until('it blocks', () => assert.equal(consul.queries.length, 2))
    consul.set([])
    await until('it is told', () => assert.equal(told.at(-1), 'failed: no instance is known'))
    consul.status = 500
    await until('it asks again', () => assert.ok(consul.queries.length > 4))
    assert.equal(told.length, 2)
    consul.status = 200
    consul.set([at('10.0.0.5', 5)])
    await until('it is told', () => assert.equal(told.at(-1), '10.0.0.5:5'))
  })

  it('tells what the agent answered, or why there is none', async () => {
    const port = await freePort()
    consul.status = 500
    watch(consulWatch())
    watch(watchConsul(parse(`consul://127.0.0.1:${port}/goods`)))
    await until('both are told', () => assert.equal(told.length, 2))
    assert.deepEqual(told.toSorted(), [
      `failed: connect ECONNREFUSED 127.0.0.1:${port}`,
      'failed: the Consul agent answered status 500',
    ])
  })

  function consulWatch(filter = '', token?: string): Watch {
    return watchConsul(parse(`consul://${consul.address}/goods${filter}`), token === undefined ? {} : { token })
  }

  function parse(text: string) {
    const target = parseTarget(text)
    assert.ok(target.kind === 'consul')
    return target
  }
})

function watcher() {
  const told: string[] = []
  const ends: (() => void)[] = []
  return {
    told,
    watch(watch: Watch) {
      const found = (addresses: Address[]) => told.push(addresses.map(addressText).join(' '))
      ends.push(watch({ found, failed: (reason) => told.push(`failed: ${reason}`) }))
    },
    end() {
      for (const stop of ends.splice(0)) stop()
      told.length = 0
    },
  }
}
