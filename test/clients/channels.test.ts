import assert from 'node:assert/strict'
import { connectivityState } from '@grpc/grpc-js'
import { Channels } from '../../clients/channels.ts'
import { GoodsClient } from '../../clients/goods-client.ts'
import { UserClient } from '../../clients/user-client.ts'
import { UserInfoResponse, UserService } from '../../proto/generated/user.ts'
import { until } from '../e2e/faults/until.ts'
import { AMPLE_MS } from './ample.ts'
import { type Listening, listening } from './listening.ts'

describe('the channels', () => {
  let server: Listening

  before(async () => {
    server = await listening(UserService, {
      getUserById: (_call: unknown, done: (error: null, user: UserInfoResponse) => void) =>
        done(null, { ...UserInfoResponse.decode(Buffer.of()), id: 1 }),
    })
  })
  after(() => server.stop())

  it('are one for each target, however many clients are on it', () => {
    const channels = new Channels()
    const first = channels.take(server.address, 'goods')
    assert.equal(channels.take(server.address, 'goods'), first)
    const other = channels.take(`${server.address},${server.address}`, 'goods')
    assert.notEqual(other, first)
    for (const target of [server.address, server.address, `${server.address},${server.address}`])
      channels.release(target, 'goods')
  })

  it('connect by themselves, and are closed with their last client', async () => {
    const channels = new Channels()
    const target = server.address
    const users = new UserClient({ target, deadlineMs: AMPLE_MS, channels })
    const goods = new GoodsClient({ target, deadlineMs: AMPLE_MS, channels })
    await until('it is connected', () => assert.ok(channels.isConnected(target, 'goods')))
    goods.close()
    assert.deepEqual(await users.getUserById(1), { id: 1 })
    const channel = channels.take(target, 'goods')
    channels.release(target, 'goods')
    users.close()
    assert.equal(channel.getConnectivityState(false), connectivityState.SHUTDOWN)
    assert.equal(channels.isConnected(target, 'goods'), false)
  })
})
