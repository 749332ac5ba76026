import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Channels } from '../../clients/channels.ts'
import { CONNECTION_DEFAULTS } from '../../clients/connection-settings.ts'
import { UserClient } from '../../clients/user-client.ts'
import { UserService } from '../../proto/generated/user.ts'
import { type ConnectionLimits, type RunningService, serve } from '../../rpc/server/serve.ts'
import { DIRECTORY } from '../../services/user/directory.ts'
import { AMPLE_MS } from '../clients/ample.ts'
import { until } from '../e2e/faults/until.ts'

const NEVER = 100_000_000
const UNLIMITED: ConnectionLimits = { idleMs: NEVER, pingEveryMs: NEVER, pingWithinMs: NEVER }
/** Preface with which every HTTP/2 connection begins, and an empty SETTINGS frame. */
const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])])

describe('a connection to a reference service', () => {
  const ending: (() => unknown)[] = []
  /** Address and port of each: a connection has its own. */
  const callers = new Set<string>()

  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end()
  })

  /** Answers a call after so long. */
  async function service(connections: Partial<ConnectionLimits>, answersAfterMs = 0): Promise<RunningService> {
    const implementation = {
      getUserById: async (call: { getPeer(): string }, answer: (error: null, user: object) => void) => {
        callers.add(call.getPeer())
        await sleep(answersAfterMs)
        answer(null, DIRECTORY.get(1) ?? assert.fail())
      },
    }
    const running = await serve({
      ...{ name: 'user', setting: 'USER_ADDR', address: '127.0.0.1:0', definition: UserService, implementation },
      connections: { ...UNLIMITED, ...connections },
    })
    ending.push(() => running.stop())
    return running
  }

  function clientOf({ address }: RunningService, settings: Partial<typeof CONNECTION_DEFAULTS> = {}): UserClient {
    const channels = new Channels({ ...CONNECTION_DEFAULTS, ...settings })
    const users = new UserClient({ target: address, deadlineMs: AMPLE_MS, channels })
    ending.push(() => users.close())
    return users
  }

  for (const [what, sent] of [
    ['that says nothing', ''],
    ['that begins and then says nothing', PREFACE],
    ['that says half of its beginning', PREFACE.subarray(0, 10)],
    ['that is none of HTTP/2', 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'],
  ] as const) {
    it(`${what} is closed`, async () => {
      const { address } = await service({ pingEveryMs: 200, pingWithinMs: 200 })
      const socket = connect(Number(address.split(':')[1]), '127.0.0.1')
      ending.push(() => socket.destroy())
      const seen = { closed: false }
      for (const event of ['error', 'close']) {
        socket.on(event, () => {
          seen.closed = true
        })
      }
      socket.resume()
      await once(socket, 'connect')
      socket.write(sent)
      await until('it is closed', () => assert.ok(seen.closed))
    })
  }

  it('without a call is closed, though it answers every ping', async () => {
    const { address } = await service({ idleMs: 500, pingEveryMs: 100, pingWithinMs: 10_000 })
    const session = connectHttp2(`http://${address}`)
    ending.push(() => session.destroy())
    const seen = { pings: 0, closed: false }
    session.on('ping', () => seen.pings++)
    session.on('close', () => {
      seen.closed = true
    })
    await until('it is closed', () => assert.ok(seen.closed))
    assert.ok(seen.pings > 0)
  })

  it('is kept while a call is under way, however long that takes, and while our own clients ask for its health', async () => {
    const slow = clientOf(await service({ idleMs: 300, pingEveryMs: 50, pingWithinMs: 10_000 }, 2_000))
    await slow.getUserById(1)
    const running = await service({ idleMs: 6_000, pingEveryMs: 50, pingWithinMs: 10_000 })
    const users = clientOf(running, { keepaliveTimeMs: 100, healthEveryMs: 3_000 })
    callers.clear()
    await users.getUserById(1)
    await sleep(9_000) // past the idle time, with two checks in it
    await users.getUserById(1)
    assert.equal(callers.size, 1, 'it came by another connection')
  })
})
