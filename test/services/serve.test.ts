import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { Client, credentials, logVerbosity, type ServiceError, setLogVerbosity, status } from '@grpc/grpc-js'
import pino from 'pino'
import { GoodsClient } from '../../proto/generated/goods.ts'
import { HealthCheckResponse_ServingStatus, HealthClient } from '../../proto/generated/grpc/health/v1/health.ts'
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionService,
} from '../../proto/generated/grpc/reflection/v1/reflection.ts'
import type { RunningService } from '../../rpc/server/serve.ts'
import { unary } from '../../rpc/server/unary.ts'
import { startGoods } from '../../services/goods/goods-service.ts'
import { startUser } from '../../services/user/user-service.ts'
import { answer, refusalOf } from './grpc-call.ts'

const log = pino({ level: 'silent' })
const insecure = credentials.createInsecure()

describe('a server of the reference services', () => {
  let service: RunningService

  before(async () => {
    service = await startGoods({ setting: 'GOODS_ADDR', address: '127.0.0.1:0' }, log)
  })
  after(() => service.stop())

  it('says on a taken port which address and which setting', async () => {
    setLogVerbosity(logVerbosity.NONE) // the library tells it on stderr, too
    try {
      await assert.rejects(startUser({ setting: 'USER_ADDR', address: service.address }, log), (error: Error) => {
        return error.message.includes(service.address) && error.message.includes('USER_ADDR')
      })
    } finally {
      setLogVerbosity(logVerbosity.ERROR)
    }
  })

  it('answers the standard health check for itself and for its service, and for no other', async () => {
    const health = new HealthClient(service.address, insecure)
    for (const name of ['', 'Goods']) {
      const { status } = await answer<{ status: number }>((done) => health.check({ service: name }, done))
      assert.equal(status, HealthCheckResponse_ServingStatus.SERVING)
    }
    assert.equal((await refusalOf(answer((done) => health.check({ service: 'User' }, done)))).code, status.NOT_FOUND)
    health.close()
  })

  it('tells those who watch its health that it stops, before it stops', async () => {
    const own = await startUser({ setting: 'USER_ADDR', address: '127.0.0.1:0' }, log)
    const health = new HealthClient(own.address, insecure)
    const watch = health.watch({ service: 'User' })
    watch.on('error', () => undefined)
    const [first] = await once(watch, 'data')
    assert.equal(first.status, HealthCheckResponse_ServingStatus.SERVING)
    const next = once(watch, 'data')
    const stopped = own.stop()
    assert.equal((await next)[0].status, HealthCheckResponse_ServingStatus.NOT_SERVING)
    watch.cancel()
    await stopped
    health.close()
  })

  for (const version of ['v1', 'v1alpha']) {
    it(`describes itself by reflection ${version}, enough to build a client from`, async () => {
      const reflect = reflection(service.address, version)
      const listed = await reflect({ host: '', listServices: '' })
      assert.deepEqual(
        listed.listServicesResponse?.service.map(({ name }) => name),
        ['Goods', 'grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection'],
      )
      for (const symbol of ['Goods', 'Goods.BatchGetGoods', 'GoodsInfoResponse', 'grpc.health.v1.Health']) {
        const { fileDescriptorResponse } = await reflect({ host: '', fileContainingSymbol: symbol })
        const file = (fileDescriptorResponse?.fileDescriptorProto ?? []).map((one) => fromBinary(FileDescriptorProtoSchema, one))
        file.reverse() // the asked one comes first, the registry wants imports first
        const registry = createFileRegistry({ $typeName: FileDescriptorSetSchema.typeName, file })
        assert.ok(registry.get(symbol.replace('.BatchGetGoods', '')), symbol)
      }
      assert.ok((await reflect({ host: '', fileByFilename: 'google/protobuf/empty.proto' })).fileDescriptorResponse)
    })
  }

  it('answers what reflection does not know with an error, and goes on', async () => {
    const reflect = reflection(service.address, 'v1')
    assert.equal((await reflect({ host: '', fileContainingSymbol: 'Nothing' })).errorResponse?.errorCode, status.NOT_FOUND)
    assert.equal((await reflect({ host: '', fileByFilename: 'nothing.proto' })).errorResponse?.errorCode, status.NOT_FOUND)
    assert.equal((await reflect({ host: '' })).errorResponse?.errorCode, status.UNIMPLEMENTED)
  })

  it('answers UNIMPLEMENTED to a call that it does not serve', async () => {
    const client = new Client(service.address, insecure)
    const bytes = (value: Buffer) => value
    const call = answer((done: (error: ServiceError | null, response: unknown) => void) =>
      client.makeUnaryRequest('/Goods/Nothing', bytes, bytes, Buffer.of(), done),
    )
    assert.equal((await refusalOf(call)).code, status.UNIMPLEMENTED)
    client.close()
  })

  it('takes no call after it was stopped, however often it is told', async () => {
    const own = await startGoods({ setting: 'GOODS_ADDR', address: '127.0.0.1:0' }, log)
    await Promise.all([own.stop(), own.stop()])
    const client = new GoodsClient(own.address, insecure)
    assert.equal((await refusalOf(answer((done) => client.healthCheck({}, done)))).code, status.UNAVAILABLE)
    client.close()
  })

  it('keeps the words of a defect to its log', async () => {
    const lines: string[] = []
    const handle = unary(pino({}, { write: (line: string) => void lines.push(line) }), () => {
      throw new TypeError('secret of the house')
    })
    const error = await new Promise<Partial<ServiceError> | null>((resolve) => {
      handle({ request: { mobile: '10000000001' }, getPath: () => '/User/GetUserById' } as never, resolve as never)
    })
    assert.equal(error?.code, status.INTERNAL)
    assert.doesNotMatch(error?.details ?? '', /secret/)
    assert.match(lines.join(), /secret of the house.*GetUserById/)
    assert.doesNotMatch(lines.join(), /10000000001/)
  })
})

/** Asks one reflection question over a stream of its own. */
function reflection(address: string, version: string) {
  const { requestSerialize, responseDeserialize } = ServerReflectionService.serverReflectionInfo
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`
  return async (request: ServerReflectionRequest): Promise<ServerReflectionResponse> => {
    const client = new Client(address, insecure)
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
    stream.write(request)
    const [response] = await once(stream, 'data')
    stream.end()
    await once(stream, 'end')
    client.close()
    return response
  }
}
