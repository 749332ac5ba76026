import assert from 'node:assert/strict'
import { Registry } from 'prom-client'
import { failureIn } from '../../contracts/application-failure.ts'
import { ANYBODY, type Caller } from '../../contracts/caller.ts'
import { CallerLimits, type Sender } from '../../limits/caller-limits.ts'
import { networkOf } from '../../limits/network-of.ts'
import { Rate } from '../../limits/rate.ts'
import { TrustedProxies } from '../../limits/trusted-proxies.ts'

const ADA: Caller = { kind: 'customer', subject: 'ada', userId: 7 }
const SHOP: Caller = { kind: 'service', subject: 'shop', scopes: new Set() }

describe('a rate', () => {
  it('lets as many through at once as in a second, and then as many a second, by each key by itself', () => {
    let now = 5
    const rate = new Rate(10, 100, () => now)
    const taken = (key: string) => Array.from({ length: 50 }, () => rate.take(key)).filter(Boolean).length
    assert.deepEqual([taken('a'), taken('a'), taken('b')], [10, 0, 10])
    now += 500
    assert.deepEqual([taken('a'), taken('a')], [5, 0])
    now += 60_000
    assert.equal(taken('a'), 10)
  })

  it('keeps no more keys than it may, and forgets first whom it saw longest ago', () => {
    const rate = new Rate(1, 100, () => 5)
    assert.equal(rate.take('steady'), true)
    for (let i = 0; i < 10_000; i++) {
      assert.equal(rate.take(`passing ${i}`), true)
      assert.equal(rate.take('steady'), false)
    }
    assert.equal(rate.keys, 100)
  })
})

describe('the network of an address', () => {
  for (const [address, network] of [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::5', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:0:0:203.0.113.7', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
  ] as const) {
    it(`${address} is ${network}`, () => assert.equal(networkOf(address), network))
  }
})

describe('proxies that are trusted', () => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8'])

  for (const [peer, forwardedFor, origin] of [
    ['203.0.113.7', ['198.51.100.1'], '203.0.113.7'],
    ['10.1.2.3', ['198.51.100.1'], '198.51.100.1'],
    ['::ffff:10.1.2.3', ['198.51.100.1'], '198.51.100.1'],
    ['fd00::3', ['2001:db8::1'], '2001:db8::1'],
    // Whatever a caller wrote itself stands before the address by which the proxy saw it.
    ['10.1.2.3', ['1.1.1.1, 198.51.100.1'], '198.51.100.1'],
    ['10.1.2.3', ['1.1.1.1', '198.51.100.1, 192.0.2.1'], '198.51.100.1'],
    ['10.1.2.3', ['1.1.1.1, nonsense'], '10.1.2.3'],
    ['10.1.2.3', [], '10.1.2.3'],
    ['unknown', ['198.51.100.1'], 'unknown'],
  ] as const) {
    it(`say of ${peer} with ${JSON.stringify(forwardedFor)}: ${origin}`, () =>
      assert.equal(proxies.originOf(peer, forwardedFor), origin))
  }

  for (const wrong of ['10.0.0.0/33', 'gateway', '10.0.0.0/8/8', '', '10.0.0.0/', 'fd00::/129']) {
    it(`can not be '${wrong}'`, () => assert.throws(() => new TrustedProxies([wrong]), /neither an address nor a network/))
  }
})

describe('the limits of callers', () => {
  const stranger: Sender = { caller: ANYBODY, peer: '203.0.113.7', forwardedFor: [] }

  function limitsOf(changes: Partial<ConstructorParameters<typeof CallerLimits>[0]> = {}) {
    const registry = new Registry()
    const proxies = new TrustedProxies(['10.0.0.0/8'])
    const deps = { perSecond: 3, servicePerSecond: 30, proxies, behindGateway: false, heldMs: 0, now: () => 5 }
    return { registry, limits: new CallerLimits({ ...deps, registry, ...changes }) }
  }

  /** Counts the requests that are served of those that come at once. */
  async function served(limits: CallerLimits, senders: Partial<Sender>[]): Promise<number> {
    const answers = await Promise.allSettled(senders.map((sender) => limits.admit('http', { ...stranger, ...sender })))
    for (const answer of answers)
      if (answer.status === 'rejected') assert.equal(failureIn(answer.reason)?.type, 'TooManyRequests')
    return answers.filter(({ status }) => status === 'fulfilled').length
  }

  const many = (sender: (i: number) => Partial<Sender>) => Array.from({ length: 100 }, (_, i) => sender(i))

  it('hold one caller, whatever door it takes, and nobody else', async () => {
    const { limits, registry } = limitsOf()
    assert.equal(
      await served(
        limits,
        many(() => ({})),
      ),
      3,
    )
    await assert.rejects(limits.admit('grpc', stranger))
    assert.equal(await served(limits, [{ peer: '203.0.113.8' }, { caller: ADA }]), 2)
    const metrics = await registry.metrics()
    assert.match(metrics, /requests_limited_total\{door="http",caller="address"} 97/)
    assert.match(metrics, /requests_limited_total\{door="grpc",caller="address"} 1/)
  })

  it('go by the subject, from wherever it calls; by the address, whatever it says of itself', async () => {
    assert.equal(
      await served(
        limitsOf().limits,
        many((i) => ({ caller: ADA, peer: `203.0.113.${i}` })),
      ),
      3,
    )
    assert.equal(
      await served(
        limitsOf().limits,
        many((i) => ({ forwardedFor: [`198.51.100.${i}`] })),
      ),
      3,
    )
    assert.equal(
      await served(
        limitsOf().limits,
        many((i) => ({ peer: `2001:db8::${i.toString(16)}` })),
      ),
      3,
    )
  })

  it('of a subject are nobody else’s, even if it is called as an address', async () => {
    const { limits } = limitsOf()
    const named: Caller = { kind: 'customer', subject: stranger.peer, userId: 7 }
    await served(
      limits,
      many(() => ({ caller: named, peer: '198.51.100.1' })),
    )
    assert.equal(await served(limits, [{}]), 1)
  })

  it('go by the address that a trusted proxy names, and not by what stands before it', async () => {
    const { limits } = limitsOf()
    const through = (i: number) => ({ peer: '10.0.0.1', forwardedFor: [`1.1.1.${i}, 198.51.100.1`] })
    assert.equal(await served(limits, many(through)), 3)
    assert.equal(await served(limits, [{ peer: '10.0.0.1', forwardedFor: ['198.51.100.2'] }]), 1)
  })

  it('give more to who speaks for many: a service, a proxy that names nobody, a gateway that is not known as a proxy', async () => {
    assert.equal(
      await served(
        limitsOf().limits,
        many(() => ({ caller: SHOP })),
      ),
      30,
    )
    assert.equal(
      await served(
        limitsOf().limits,
        many(() => ({ peer: '10.0.0.1' })),
      ),
      30,
    )
    assert.equal(
      await served(
        limitsOf({ behindGateway: true }).limits,
        many(() => ({})),
      ),
      30,
    )
    assert.equal(
      await served(
        limitsOf({ perSecond: 0 }).limits,
        many(() => ({})),
      ),
      100,
    )
  })

  it('hold one caller of those behind a gateway, if a proxy that is trusted names them', async () => {
    const through = { peer: '10.0.0.1', forwardedFor: ['198.51.100.1'] }
    const { limits } = limitsOf({ behindGateway: true })
    assert.equal(
      await served(
        limits,
        many(() => through),
      ),
      3,
    )
  })

  it('never refuse a probe for the orders that come from the same address', async () => {
    const { limits } = limitsOf()
    await served(
      limits,
      many(() => ({})),
    )
    assert.equal(await served(limits, [{ isProbe: true }]), 1)
    assert.ok(
      (await served(
        limits,
        many(() => ({ isProbe: true })),
      )) <= 3,
    )
  })

  it('keep a refusal back, but not so many that they take memory', async () => {
    const { limits } = limitsOf({ heldMs: 3_600_000 })
    let refused = 0
    for (let i = 0; i < 1_103; i++) limits.admit('http', stranger).catch(() => refused++)
    await new Promise(setImmediate)
    assert.equal(refused, 100)
  })
})
