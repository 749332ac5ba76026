import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { type ServiceError, status } from '@grpc/grpc-js'
import { type StockOutcome, stockOutcomeOf } from '../../activities/stock-answers.ts'
import { CallNotSent } from '../../clients/call-not-sent.ts'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { StatusError } from '../../rpc/server/status-error.ts'

/** Proof that each status gives when it comes without a message. */
const SILENT: Record<Exclude<keyof typeof status, 'OK'>, StockOutcome> = {
  CANCELLED: 'UNKNOWN',
  UNKNOWN: 'UNKNOWN',
  INVALID_ARGUMENT: 'NOT_APPLIED',
  DEADLINE_EXCEEDED: 'UNKNOWN',
  NOT_FOUND: 'NOT_APPLIED',
  ALREADY_EXISTS: 'UNKNOWN',
  PERMISSION_DENIED: 'UNKNOWN',
  RESOURCE_EXHAUSTED: 'UNKNOWN',
  FAILED_PRECONDITION: 'UNKNOWN',
  ABORTED: 'NOT_APPLIED',
  OUT_OF_RANGE: 'UNKNOWN',
  UNIMPLEMENTED: 'UNKNOWN',
  INTERNAL: 'UNKNOWN',
  UNAVAILABLE: 'UNKNOWN',
  DATA_LOSS: 'UNKNOWN',
  UNAUTHENTICATED: 'UNKNOWN',
}

/** Further proof by the messages of the replaced service and of grpc-js. */
const WORDS: [keyof typeof status, string, StockOutcome][] = [
  ['RESOURCE_EXHAUSTED', '商品 7 库存不足', 'NOT_APPLIED'],
  ['RESOURCE_EXHAUSTED', 'Sent message larger than max (5000000 vs. 4194304)', 'UNKNOWN'],
  ['RESOURCE_EXHAUSTED', 'Received message larger than max (5000000 vs 4194304)', 'UNKNOWN'],
  ['INTERNAL', '系统忙，请稍后重试', 'NOT_APPLIED'],
  ['INTERNAL', '开启事务失败', 'NOT_APPLIED'],
  ['INTERNAL', '查询库存失败', 'NOT_APPLIED'],
  ['INTERNAL', '更新库存失败', 'NOT_APPLIED'],
  ['INTERNAL', '归还库存失败', 'NOT_APPLIED'],
  ['RESOURCE_EXHAUSTED', 'Bandwidth exhausted or memory limit exceeded', 'UNKNOWN'],
  ['PERMISSION_DENIED', 'Protocol not secure enough', 'UNKNOWN'],
  ['UNIMPLEMENTED', 'unknown method Sell for service InventoryService', 'NOT_APPLIED'],
  ['UNIMPLEMENTED', 'unknown service InventoryService', 'NOT_APPLIED'],
  ['UNIMPLEMENTED', 'method Sell not implemented', 'NOT_APPLIED'],
  ['UNIMPLEMENTED', 'The server does not implement the method /InventoryService/Sell', 'NOT_APPLIED'],
  ['UNIMPLEMENTED', 'Received HTTP status code 404', 'UNKNOWN'],
  ['INTERNAL', '提交事务失败', 'UNKNOWN'],
  ['INTERNAL', '提交事务失败: 系统忙', 'UNKNOWN'],
  ['INTERNAL', 'Received RST_STREAM with code 2 (Internal server error)', 'UNKNOWN'],
  ['UNAVAILABLE', 'Connection dropped', 'UNKNOWN'],
  ['DEADLINE_EXCEEDED', 'Deadline exceeded after 3.001s,remote_addr=10.0.0.1:8082', 'UNKNOWN'],
  ['UNKNOWN', 'transport closed', 'UNKNOWN'],
]

describe('what an answer to Sell or Reback proves', () => {
  it('is known for every status there is', () => {
    const names = Object.keys(status).filter((name) => Number.isNaN(Number(name)) && name !== 'OK')
    assert.deepEqual(Object.keys(SILENT).sort(), names.sort())
    for (const [name, outcome] of Object.entries(SILENT)) assert.equal(stockOutcomeOf(answered(name, 'x')), outcome, name)
  })

  for (const [name, details, outcome] of WORDS) {
    it(`is ${outcome} for ${name} ${details}`, () => assert.equal(stockOutcomeOf(answered(name, details)), outcome))
  }

  it('is NOT_APPLIED if our own side held the call back', () => {
    assert.equal(stockOutcomeOf(new CallNotSent('circuit_open', 'x')), 'NOT_APPLIED')
    assert.equal(stockOutcomeOf(new CallNotSent('too_many_calls', 'x')), 'NOT_APPLIED')
  })

  it('is UNKNOWN for whatever is no answer', () => {
    for (const error of [new Error('broken'), new TypeError('x'), 'x', undefined, null, { code: 'ECONNRESET' }]) {
      assert.equal(stockOutcomeOf(error), 'UNKNOWN', String(error))
    }
  })
})

describe('a Sell over a real channel', () => {
  it('was not sent, and is known not to be, if nobody listens', async () => {
    const error = await sellAt(`127.0.0.1:${await freePort()}`, 2_000)
    assert.equal(error.code, status.UNAVAILABLE)
    assert.equal(stockOutcomeOf(error), 'NOT_APPLIED', error.details)
  })

  it('was not sent if the name leads nowhere', async () => {
    const error = await sellAt('dns:///inventory.invalid:1', 5_000)
    assert.equal(stockOutcomeOf(error), 'NOT_APPLIED', `${status[error.code]} ${error.details}`)
  })

  it('was not sent if the connection never comes about', async () => {
    const silent = createServer() // accepts, and says nothing of HTTP/2
    const sockets = new Set<{ destroy(): void }>()
    silent.on('connection', (socket) => sockets.add(socket))
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
    const { port } = silent.address() as { port: number }
    const error = await sellAt(`127.0.0.1:${port}`, 300)
    for (const socket of sockets) socket.destroy()
    silent.close()
    assert.equal(error.code, status.DEADLINE_EXCEEDED)
    assert.equal(stockOutcomeOf(error), 'NOT_APPLIED', error.details)
  })
})

function answered(name: string, details: string): StatusError {
  return new StatusError(status[name as keyof typeof status] as status, details)
}

async function sellAt(target: string, deadlineMs: number): Promise<ServiceError> {
  const inventory = new InventoryClient({ target, deadlineMs })
  try {
    return await inventory.sell(orderSnOf({ userId: 1, requestId: 'sent' }), [{ goodsId: 1, num: 1 }]).then(
      () => assert.fail('answered'),
      (error: ServiceError) => error,
    )
  } finally {
    inventory.close()
  }
}
