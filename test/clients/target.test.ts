import assert from 'node:assert/strict'
import { authorityOf, parseTarget } from '../../clients/target.ts'

const at = (host: string, port: number) => ({ host, port })

describe('a target', () => {
  it('is an address, a list of them, or a name, in the forms that gRPC knows', () => {
    for (const [text, addresses] of [
      ['goods:8081', [at('goods', 8081)]],
      ['dns:///goods.shop:8081', [at('goods.shop', 8081)]],
      ['dns:goods:8081', [at('goods', 8081)]],
      ['a:1,b:2,10.0.0.3:3', [at('a', 1), at('b', 2), at('10.0.0.3', 3)]],
      ['ipv4:10.0.0.1:1,10.0.0.2:2', [at('10.0.0.1', 1), at('10.0.0.2', 2)]],
      ['ipv6:[::1]:1', [at('::1', 1)]],
      ['dns:8081', [at('dns', 8081)]],
    ] as const) {
      assert.deepEqual(parseTarget(text), { kind: 'addresses', addresses }, text)
    }
  })

  it('is a service in the registry, with what narrows it down', () => {
    const target = parseTarget('consul://agent:8500/goods-service?tag=v2&dc=eu')
    assert.deepEqual(
      { ...target, filter: String('filter' in target && target.filter) },
      { kind: 'consul', agent: 'http://agent:8500', service: 'goods-service', filter: 'tag=v2&dc=eu' },
    )
  })

  it('is refused with what it has to be if it is none', () => {
    for (const text of [
      ...[
        '',
        'goods',
        'goods:0',
        'a:1,',
        'a:1, b:2',
        'goods:99999',
        'goods :1',
        'unix:/run/goods',
        'xds:///goods',
        'dns:///goods',
      ],
      ...['dns://8.8.8.8/goods:1', 'consul:///goods', 'consul://agent:8500', 'consul://agent:8500/', 'consul://agent:8500/a/b'],
      ...['consul://agent:x/goods', 'consul:agent/goods', 'ipv4:', 'http://goods:1'],
    ]) {
      assert.throws(() => parseTarget(text), /^Error: must be host:port, .* or consuls:\/\/agent:8501\/service, not '/, text)
    }
  })

  it('is not repeated if it has a password', () => {
    for (const text of ['consul://me:hush@agent:8500/goods', 'me:hush@goods:1', 'http://me:hush@goods:1/x']) {
      assert.throws(
        () => parseTarget(text),
        ({ message }: Error) => message.startsWith('must be ') && !message.includes('hush'),
        text,
      )
    }
  })

  it('has the name of its first address or of its service for certificates and calls', () => {
    assert.equal(authorityOf(parseTarget('goods:8081,other:1')), 'goods:8081')
    assert.equal(authorityOf(parseTarget('[::1]:8081')), '[::1]:8081')
    assert.equal(authorityOf(parseTarget('consul://agent:8500/goods-service')), 'goods-service')
  })
})
