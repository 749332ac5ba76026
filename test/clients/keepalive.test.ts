import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { setLogger } from '@grpc/grpc-js'
import { Channels } from '../../clients/channels.ts'
import { CONNECTION_DEFAULTS } from '../../clients/connection-settings.ts'
import { logGrpcBy } from '../../clients/grpc-log.ts'
import { UserClient } from '../../clients/user-client.ts'
import { until } from '../e2e/faults/until.ts'
import { AMPLE_MS } from './ample.ts'
import { GoLikeServer } from './go-like-server.ts'

describe('keepalive against a server that permits a ping every 5 minutes', () => {
  const server = new GoLikeServer()
  const warnings: string[] = []
  let address: string
  let users: UserClient

  before(async () => {
    address = await server.start()
    logGrpcBy((message) => warnings.push(message))
  })
  after(async () => {
    setLogger(console)
    await server.stop()
  })
  afterEach(() => users.close())

  it('makes its pings rarer each time that the server ends the connection, warns once, and every call goes on', async () => {
    connect({ keepaliveTimeMs: 100, healthEveryMs: 0 })
    for (let gone = 1; gone <= 4; gone++) {
      await users.getUserById(1)
      await until('the server ends the connection', () => assert.ok(server.goneAway.length >= gone))
      await sleep(50)
    }
    await users.getUserById(1)
    // Three pings more at 100 ms, 200 ms, … 800 ms: each time a GOAWAY takes longer to come.
    const gaps = server.goneAway.slice(1).map((at, i) => at - (server.goneAway[i] as number))
    assert.ok(
      gaps.every((gap, i) => gap > 3 * 100 * 2 ** (i + 1)),
      String(gaps),
    )
    assert.equal(warnings.length, 1, warnings.join('\n'))
    assert.match(warnings[0] ?? '', /^127\.0\.0\.1:\d+ at \S+ closed .*too many pings.*GRPC_KEEPALIVE_TIME_MS/)
  })

  it('gets no GOAWAY at all if the health checks are more frequent than the pings: each answer wipes the strikes out', async () => {
    server.goneAway.length = 0
    // The proportion of the defaults, 10 s to 3 s, at the fastest health check that there is.
    connect({ keepaliveTimeMs: 3_400, healthEveryMs: 3_000 })
    await users.getUserById(1)
    await sleep(14_500) // four pings: without the checks the third strike falls on the fourth
    await users.getUserById(1)
    assert.deepEqual(server.goneAway, [])
  })

  it('sends none if it is set so', async () => {
    server.goneAway.length = 0
    connect({ keepaliveTimeMs: 0, healthEveryMs: 0 })
    await users.getUserById(1)
    await sleep(500)
    await users.getUserById(1)
    assert.deepEqual(server.goneAway, [])
  })

  function connect(settings: Partial<typeof CONNECTION_DEFAULTS>): void {
    users = new UserClient({
      target: address,
      deadlineMs: AMPLE_MS,
      channels: new Channels({ ...CONNECTION_DEFAULTS, ...settings }),
    })
  }
})
