import assert from 'node:assert/strict'
import { credentials, status } from '@grpc/grpc-js'
import pino from 'pino'
import { UserClient, type UserInfoResponse } from '../../proto/generated/user.ts'
import type { RunningService } from '../../rpc/server/serve.ts'
import { startUser } from '../../services/user/user-service.ts'
import { answer, refusalOf } from './grpc-call.ts'

describe('the reference User', () => {
  let service: RunningService
  let client: UserClient
  const user = (id: number) => answer<UserInfoResponse>((done) => client.getUserById({ id }, done))

  before(async () => {
    service = await startUser({ setting: 'USER_ADDR', address: '127.0.0.1:0' }, pino({ level: 'silent' }))
    client = new UserClient(service.address, credentials.createInsecure())
  })
  after(async () => {
    client.close()
    await service.stop()
  })

  it('knows users 1 to 500, without a password', async () => {
    for (const id of [1, 500]) {
      const found = await user(id)
      assert.deepEqual([found.id, found.username, found.password], [id, `user${id}`, ''])
    }
  })

  it('answers NOT_FOUND for anybody else', async () => {
    for (const id of [0, -1, 501]) assert.equal((await refusalOf(user(id))).code, status.NOT_FOUND)
  })
})
