import assert from 'node:assert/strict'
import { type Instance, type Registration, registerInConsul } from '../../clients/register-in-consul.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { until } from '../e2e/faults/until.ts'
import { ConsulStandIn } from './consul-stand-in.ts'

const ID = 'order_srv-10.0.0.7:50053'

describe('the registration of an instance in Consul', () => {
  let consul: ConsulStandIn
  let registration: Registration | undefined
  let events: string[]
  beforeEach(async () => {
    consul = new ConsulStandIn()
    await consul.start()
    events = []
  })
  afterEach(async () => {
    await registration?.end()
    await consul.stop()
  })

  function register(more: Partial<Instance> = {}): Registration {
    const instance = {
      agent: `http://${consul.address}`,
      service: 'order_srv',
      tags: ['order', 'srv'],
      address: { host: '10.0.0.7', port: 50_053 },
      tls: false,
      ...more,
    }
    registration = registerInConsul(instance, {
      registered: () => events.push('registered'),
      failed: (reason) => events.push(`failed: ${reason}`),
    })
    return registration
  }
  const seen = () => consul.queries.map(({ method, path }) => `${method} ${path.replace('/v1/agent/service/', '')}`)

  it('names the service, its tags, its address, and a health check over gRPC as the original has it', async () => {
    register({ access: { token: 'hush' } })
    await until('it is registered', () => assert.deepEqual(events, ['registered']))
    assert.deepEqual(
      [...consul.registered.values()],
      [
        {
          ID,
          Name: 'order_srv',
          Tags: ['order', 'srv'],
          Address: '10.0.0.7',
          Port: 50_053,
          Check: { GRPC: '10.0.0.7:50053', Interval: '5s', Timeout: '5s', DeregisterCriticalServiceAfter: '10s' },
        },
      ],
    )
    assert.equal(consul.queries[0]?.token, 'hush')
  })

  it('has an IPv6 address in brackets only if it is checked, and TLS', async () => {
    register({ address: { host: '::1', port: 50_053 }, tls: true })
    await until('it is registered', () => assert.deepEqual(events, ['registered']))
    const [{ Address, Check } = assert.fail()] = consul.registered.values()
    assert.equal(Address, '::1')
    assert.deepEqual(Check, {
      GRPC: '[::1]:50053',
      GRPCUseTLS: true,
      Interval: '5s',
      Timeout: '5s',
      DeregisterCriticalServiceAfter: '10s',
    })
  })

  it('is made again by an agent that lost it, and not by one that has it', async () => {
    register()
    await until('it looked, and left it', () => assert.deepEqual(seen(), ['PUT register', `GET ${encodeURIComponent(ID)}`]))
    consul.registered.clear()
    await until('it is registered again', () => assert.deepEqual(events, ['registered', 'registered']))
    assert.deepEqual([...consul.registered.keys()], [ID])
  })

  it('waits for an agent that is away, and says so once', async () => {
    const port = await freePort()
    register({ agent: `http://127.0.0.1:${port}` })
    const late = new ConsulStandIn()
    await until('it failed', () => assert.equal(events.length, 1))
    late.status = 500
    await late.start(port)
    await until('two refusals', () => assert.ok(late.queries.length >= 2))
    assert.deepEqual(events, [`failed: connect ECONNREFUSED 127.0.0.1:${port}`])
    late.status = 200
    await until('it is registered', () => assert.equal(events.at(-1), 'registered'))
    await registration?.end()
    assert.equal(late.registered.size, 0)
    await late.stop()
  })

  it('is made again by an agent that was restarted without its state', async () => {
    register()
    await until('it is registered', () => assert.deepEqual(events, ['registered']))
    const port = Number(consul.address.split(':')[1])
    await consul.stop()
    await until('it failed', () => assert.equal(events.length, 2))
    consul = new ConsulStandIn()
    await consul.start(port)
    await until('it is registered again', () => assert.equal(events.at(-1), 'registered'))
    assert.deepEqual([...consul.registered.keys()], [ID])
  })

  it('is gone when it has ended, also if it ends while it begins, and stays gone', async () => {
    assert.equal(await register().end(), undefined)
    assert.equal(consul.registered.size, 0)
    assert.equal(seen().at(-1), `PUT deregister/${encodeURIComponent(ID)}`)
    const { length } = consul.queries
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.equal(consul.queries.length, length)
  })

  it('replaces what a process that was killed left behind at its address', async () => {
    consul.registered.set(ID, { ID, Name: 'order_srv', Address: '10.0.0.7', Port: 1, Check: { GRPC: '10.0.0.7:1' } })
    register()
    await until('it is registered', () => assert.deepEqual(events, ['registered']))
    assert.equal(consul.registered.get(ID)?.Port, 50_053)
  })

  it('says at its end why the agent was not reached', async () => {
    const port = await freePort()
    const { end } = register({ agent: `http://127.0.0.1:${port}` })
    assert.equal(await end(), `connect ECONNREFUSED 127.0.0.1:${port}`)
  })
})
