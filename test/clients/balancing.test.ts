import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ServiceError, status } from '@grpc/grpc-js'
import { meaningOf } from '../../clients/answers.ts'
import { Channels } from '../../clients/channels.ts'
import { CONNECTION_DEFAULTS } from '../../clients/connection-settings.ts'
import { UserClient } from '../../clients/user-client.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { until } from '../e2e/faults/until.ts'
import { refusalOf } from '../services/grpc-call.ts'
import { AMPLE_MS } from './ample.ts'
import { type Backend, Backends } from './backends.ts'
import { ConsulStandIn } from './consul-stand-in.ts'

describe('the balancing over real backends', () => {
  const backends = new Backends()
  const consul = new ConsulStandIn()
  const warnings: string[] = []
  let users: UserClient

  beforeEach(() => {
    warnings.length = 0
  })
  before(() => consul.start())
  after(() => consul.stop())
  afterEach(async () => {
    users.close()
    await backends.end()
  })

  it('spreads the calls evenly over a list', async () => {
    const three = await start(3)
    connect(three.map(({ address }) => address).join())
    await untilCalled(three)
    await calls(300)
    await assertEven(three, 100)
  })

  it('follows a service that grows from 1 backend to 3, without a call that fails', async () => {
    const three = await start(3)
    consul.set(three.slice(0, 1))
    connect(`consul://${consul.address}/user`)
    await calls(30)
    assert.equal(await three[0]?.calls(), 30)

    const load = keepCalling()
    consul.set(three)
    await until('all have calls', async () => {
      for (const backend of three) assert.ok((await backend.calls()) > 0)
    })
    assert.deepEqual(await load.stop(), [])
    for (const backend of three) await backend.calls()
    await calls(300)
    await assertEven(three, 100)
  })

  it('leaves a backend that the registry took out', async () => {
    const [first, second] = (await start(2)) as [Backend, Backend]
    consul.set([first, second])
    connect(`consul://${consul.address}/user`)
    await untilCalled([first, second])
    consul.set([second])
    await until('the first has none', async () => {
      await first.calls()
      await calls(20)
      assert.equal(await first.calls(), 0)
    })
  })

  it('goes on when a backend is killed: only calls under way there fail, once, and it is found again when it is back', async () => {
    const three = await start(3)
    const [, victim] = three as [Backend, Backend, Backend]
    connect(three.map(({ address }) => address).join())
    await untilCalled(three)
    const load = keepCalling()
    await until('it has calls of the load', async () => assert.ok((await victim.calls()) > 0))
    await victim.kill()
    await load.another(500)
    const failures = await load.stop()
    assert.ok(failures.length <= load.parallel, `${failures.length} calls failed`)
    // Whatever of the connection's end was noticed first, another attempt is worth it.
    assert.ok(failures.every((error) => meaningOf('user/GetUserById', error) === 'ServiceUnavailable'))
    await calls(60)

    const again = await backends.start(victim.address)
    await untilCalled([again])
  })

  it('gives no calls to a backend that is NOT_SERVING, until it serves again', async () => {
    const [first, second] = (await start(2)) as [Backend, Backend]
    connect(`${first.address},${second.address}`)
    await untilCalled([first, second])
    first.tell({ health: 'NOT_SERVING' })
    await untilLeftOut(first)

    second.tell({ health: 'NOT_SERVING' })
    await until('nobody is called', async () => {
      const { code, details } = await refusalOf(users.getUserById(1))
      assert.equal(code, status.UNAVAILABLE)
      assert.match(details, /^not connected: /)
    })

    first.tell({ health: 'SERVING' })
    await until('it serves again', () => users.getUserById(1))
  })

  it('keeps what it knows of the health of a backend when the addresses change', async () => {
    const three = await start(3)
    const [sick] = three as [Backend]
    consul.set(three.slice(0, 2))
    connect(`consul://${consul.address}/user`)
    await untilCalled(three.slice(0, 2))
    sick.tell({ health: 'NOT_SERVING' })
    await untilLeftOut(sick)
    const load = keepCalling()
    consul.set(three)
    await until('the new one has calls', async () => assert.ok(Number(await three[2]?.calls()) > 0))
    await load.stop()
    assert.equal(await sick.calls(), 0)
  })

  it('keeps what it knows of the health of a backend that misses checks: that it did not serve is not forgotten', async () => {
    const [sick, sound] = (await start(2)) as [Backend, Backend]
    connect(`${sick.address},${sound.address}`)
    await untilCalled([sick, sound])
    sick.tell({ health: 'NOT_SERVING' })
    await untilLeftOut(sick)
    const load = keepCalling()
    sick.signal('SIGSTOP')
    await sleep(2 * 3_000 + 1_000) // one check is missed, and another one
    sick.signal('SIGCONT')
    await load.stop()
    assert.equal(await sick.calls(), 0)
  })

  it('leaves out a backend that fails all of its calls, though it is connected and says that it serves', async () => {
    const [broken, sound] = (await start(2)) as [Backend, Backend]
    connect(`${broken.address},${sound.address}`)
    await untilCalled([broken, sound])
    broken.tell({ answers: 'errors' })
    await until('no call fails', () => calls(40))
    assert.ok((await sound.calls()) >= 40)
  })

  it('leaves nobody out for refusals, though half of all calls are refused', async () => {
    const three = await start(3)
    connect(three.map(({ address }) => address).join())
    await untilCalled(three)
    for (const backend of three) backend.tell({ answers: 'half refusals' })
    const load = keepCalling()
    await sleep(6_000) // more than the interval at which outliers are looked for
    await load.another(300)
    assert.ok((await load.stop()).every(({ code }) => code === status.RESOURCE_EXHAUSTED))
    for (const backend of three) assert.ok((await backend.calls()) > 50)
    await settle(300)
    await assertEven(three, 100)
  })

  it('answers "not connected" for a service that is absent at start, and finds it by itself', async () => {
    const address = `127.0.0.1:${await freePort()}`
    connect(address)
    const { code, details } = await refusalOf(users.getUserById(1))
    assert.equal(code, status.UNAVAILABLE)
    assert.match(details, /^not connected: .*ECONNREFUSED/)
    assert.equal(channels.isConnected(address, 'goods'), false)
    await backends.start(address)
    await until('it is found', () => users.getUserById(1))
    assert.equal(channels.isConnected(address, 'goods'), true)
  })

  it('answers "not connected" while nobody knows an address, warns once, and finds the service by itself', async () => {
    const [backend] = (await start(1)) as [Backend]
    consul.set([])
    connect(`consul://${consul.address}/user`)
    const { details } = await refusalOf(users.getUserById(1))
    assert.match(details, /^not connected: no instance is known/)
    assert.deepEqual(warnings, [`the addresses of consul://${consul.address}/user can't be learned: no instance is known`])
    consul.set([backend])
    await until('it is found', () => users.getUserById(1))
  })

  let channels: Channels

  function connect(target: string): void {
    channels = new Channels(CONNECTION_DEFAULTS, (message) => warnings.push(message))
    users = new UserClient({ target, deadlineMs: AMPLE_MS, channels })
  }

  async function start(count: number): Promise<Backend[]> {
    return await Promise.all(Array.from({ length: count }, () => backends.start()))
  }

  /** Makes this many calls, none of which may fail. */
  async function calls(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => users.getUserById(1)))
  }

  /** Waits until all are connected: one that is not has no calls either. */
  async function untilCalled(all: Backend[]): Promise<void> {
    await until('each has calls', async () => {
      await calls(30)
      for (const backend of all) assert.ok((await backend.calls()) > 0)
    })
  }

  async function untilLeftOut(backend: Backend): Promise<void> {
    await until('it has no calls', async () => {
      await backend.calls()
      await calls(20)
      assert.equal(await backend.calls(), 0)
    })
  }

  async function settle(count: number): Promise<void> {
    await Promise.allSettled(Array.from({ length: count }, () => users.getUserById(1)))
  }

  async function assertEven(all: Backend[], each: number): Promise<void> {
    for (const backend of all) {
      const got = await backend.calls()
      assert.ok(Math.abs(got - each) <= each / 10, `${got} calls instead of ${each}`)
    }
  }

  function keepCalling() {
    const parallel = 6
    const failures: ServiceError[] = []
    let going = true
    let made = 0
    const callers = Array.from({ length: parallel }, async () => {
      while (going) {
        await users.getUserById(1).catch((error: ServiceError) => failures.push(error))
        made++
        await sleep(2)
      }
    })
    return {
      parallel,
      /** Waits until so many calls more have ended. */
      async another(count: number) {
        const enough = made + count
        await until(`${count} calls more have ended`, () => assert.ok(made >= enough, `${made}`))
      },
      async stop() {
        going = false
        await Promise.all(callers)
        return failures
      },
    }
  }
})
