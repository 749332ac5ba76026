import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { UserInfoResponse, UserService } from '../../proto/generated/user.ts'

/** Message from the parent: how to answer from now on, or how many calls there were since the last question. */
export type Order = { health: 'SERVING' | 'NOT_SERVING' } | { answers: 'ok' | 'errors' | 'half refusals' } | { ask: 'calls' }

/** A user service as a process of its own, for tests of balancing: it listens on argv[2], and counts its calls. */
let calls = 0
let answers = 'ok'
const health = new HealthImplementation({ '': 'SERVING' })
const server = new Server()
health.addToServer(server)
server.addService(UserService, {
  getUserById(call: ServerUnaryCall<{ id: number }, UserInfoResponse>, done: sendUnaryData<UserInfoResponse>) {
    calls++
    if (answers === 'errors') return done({ code: status.INTERNAL, details: 'broken' })
    if (answers === 'half refusals' && calls % 2) return done({ code: status.RESOURCE_EXHAUSTED, details: 'no' })
    done(null, { ...UserInfoResponse.decode(Buffer.of()), id: call.request.id })
  },
})

server.bindAsync(process.argv[2] ?? '127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  process.send?.({ port })
})
process.on('message', (order: Order) => {
  if ('health' in order) health.setStatus('', order.health)
  else if ('answers' in order) answers = order.answers
  else {
    process.send?.({ calls })
    calls = 0
  }
})
process.on('disconnect', () => process.exit())
