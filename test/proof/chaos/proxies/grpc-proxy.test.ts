import assert from 'node:assert/strict'
import { type ServerUnaryCall, type ServiceError, type sendUnaryData, status } from '@grpc/grpc-js'
import { UserClient } from '../../../../clients/user-client.ts'
import { UserInfoResponse, UserService } from '../../../../proto/generated/user.ts'
import { AMPLE_MS } from '../../../clients/ample.ts'
import { type Listening, listening } from '../../../clients/listening.ts'
import { until } from '../../../e2e/faults/until.ts'
import { type CallFault, GrpcProxy } from './grpc-proxy.ts'

const NOBODY = 13

describe('the gRPC proxy', () => {
  let service: Listening
  let proxy: GrpcProxy
  let client: UserClient
  /** Ids that the service was asked for. */
  let asked: number[]

  beforeEach(async () => {
    asked = []
    service = await listening(UserService, {
      getUserById({ request }: ServerUnaryCall<{ id: number }, UserInfoResponse>, done: sendUnaryData<UserInfoResponse>) {
        asked.push(request.id)
        if (request.id === NOBODY) done({ code: status.NOT_FOUND, details: 'nobody, 没有' })
        else done(null, { ...UserInfoResponse.decode(Buffer.of()), id: request.id })
      },
    })
    proxy = await GrpcProxy.before(service.address)
    client = new UserClient({ target: proxy.address, deadlineMs: AMPLE_MS })
  })

  afterEach(async () => {
    client.close()
    await proxy.close()
    service.stop()
  })

  it('passes calls, replies and refusals as they are, and shows each call', async () => {
    const seen: string[] = []
    proxy.befall = ({ path, message }) => {
      if (path.startsWith('/User/')) seen.push(`${path} ${message.toString('hex')}`)
      return undefined
    }
    assert.equal((await client.getUserById(7)).id, 7)
    assert.deepEqual(await call(NOBODY), [status.NOT_FOUND, 'nobody, 没有'])
    assert.deepEqual(asked, [7, NOBODY])
    assert.deepEqual(seen, ['/User/GetUserById 0807', '/User/GetUserById 080d'])
  })

  it('refuses a call before it is delivered', async () => {
    befallOnce({ deliver: 0, answer: { code: status.UNAVAILABLE, message: 'lost' } })
    assert.deepEqual(await call(7), [status.UNAVAILABLE, 'lost'])
    assert.deepEqual(asked, [])
    assert.equal(await call(8), 'ok')
  })

  it('loses the reply of a call that was delivered', async () => {
    befallOnce({ answer: { code: status.UNAVAILABLE, message: 'lost' } })
    assert.deepEqual(await call(7), [status.UNAVAILABLE, 'lost'])
    assert.deepEqual(asked, [7])
  })

  it('delivers a call when its caller has given up', async () => {
    let delivered = false
    const onDelivered = () => {
      delivered = true
    }
    const impatient = new UserClient({ target: proxy.address, deadlineMs: 500 })
    await until('it is connected', () => impatient.getUserById(7))
    befallOnce({ after: 'given up', answer: 'nothing', onDelivered })
    await assert.rejects(impatient.getUserById(8), { code: status.DEADLINE_EXCEEDED })
    impatient.close()
    await until('the late call is delivered', () => assert.ok(delivered))
    assert.equal(asked.filter((id) => id === 8).length, 1)
  })

  it('delivers a call twice, and answers once', async () => {
    befallOnce({ deliver: 2 })
    assert.equal(await call(7), 'ok')
    assert.deepEqual(asked, [7, 7])
  })

  it('lets a later call overtake one that it holds', async () => {
    let overtaken = () => {}
    const after = new Promise<void>((resolve) => {
      overtaken = resolve
    })
    befallOnce({ after, answer: { code: status.UNAVAILABLE, message: 'held' } })
    assert.deepEqual(await call(7), [status.UNAVAILABLE, 'held'])
    assert.equal(await call(8), 'ok')
    overtaken()
    await until('the held call is delivered', () => assert.deepEqual(asked, [8, 7]))
  })

  it('goes on when the service was away', async () => {
    service.stop()
    const [code] = await call(7)
    assert.equal(code, status.UNAVAILABLE)
    service = await listening(UserService, {}, service.address)
    await until('the service is met again', async () => assert.equal((await call(7))[0], status.UNIMPLEMENTED))
  })

  function befallOnce(fault: CallFault): void {
    proxy.befall = ({ path }) => {
      if (!path.startsWith('/User/')) return undefined // the channel asks for the service's health, too
      proxy.befall = () => undefined
      return fault
    }
  }

  async function call(id: number): Promise<'ok' | [status, string]> {
    return await client.getUserById(id).then(
      () => 'ok' as const,
      ({ code, details }: ServiceError) => [code, details],
    )
  }
})
