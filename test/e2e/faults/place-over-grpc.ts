import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { errorInfoOf } from '../../../clients/error-info.ts'
import type { CreateOrderInput } from '../../../contracts/create-order.ts'
import type { FailureType } from '../../../contracts/failures.ts'
import type { Line } from '../../../contracts/order.ts'
import { type OrderInfoResponse, OrderServiceClient } from '../../../proto/generated/order.ts'
import type { Answer } from './place.ts'

/** Time that a caller waits for its order; then it is answered that the order is pending. Milliseconds. */
const DEADLINE_MS = 15_000

/** Fields of an order that OrderCreate and OrderDetail both answer. */
export interface OrderedByGrpc {
  orderSn: string
  lines: Line[]
}

/** Statuses and texts with which the original's callers are refused, of what faults can bring about; no other answer is right. */
const RIGHT: Partial<Record<FailureType, [code: keyof typeof status, text: string]>> = {
  InsufficientStock: ['FAILED_PRECONDITION', '商品库存不足'],
  ServiceUnavailable: ['UNAVAILABLE', '系统忙，请稍后重试'],
  ServiceRejected: ['INTERNAL', '系统错误，请联系客服'],
  InternalError: ['INTERNAL', '系统错误，请联系客服'],
  CompensationFailed: ['INTERNAL', '创建订单失败，请联系客服'],
  OrderClosed: ['ABORTED', '订单已关闭，请重新下单'],
  OrderTimedOut: ['DEADLINE_EXCEEDED', '创建订单超时，请重新下单'],
  OrderInProgress: ['RESOURCE_EXHAUSTED', '正在处理其他订单，请稍后重试'],
}
const PENDING_TEXT = '订单仍在处理中，可能稍后创建成功，请稍后查看订单，请勿重复下单'

/**
 * Orders the checked rows of a cart at OrderService, under the key of the request if it has one, and reads what was ordered.
 * @param door `host:port`
 * @throws Error for an answer that is none of OrderService's
 */
export async function placeOverGrpc(door: string, { requestId, ...order }: CreateOrderInput): Promise<Answer<OrderedByGrpc>> {
  const metadata = new Metadata()
  if (requestId !== undefined) metadata.set('idempotency-key', requestId)
  return await atDoor(door, async (client) => {
    const options = { deadline: Date.now() + DEADLINE_MS }
    try {
      const { id, userId, orderSn } = await new Promise<OrderInfoResponse>((resolve, reject) => {
        const request = { id: 0, post: '', ...order }
        client.orderCreate(request, metadata, options, (error, response) => (error ? reject(error) : resolve(response)))
      })
      return { kind: 'created', order: { orderSn, lines: await linesOf(client, id, userId) } }
    } catch (error) {
      return answerOf(error as ServiceError)
    }
  })
}

/** Calls OrderService at a door over a connection of its own, which is closed afterwards. */
export async function atDoor<T>(door: string, use: (client: OrderServiceClient) => Promise<T>): Promise<T> {
  const client = new OrderServiceClient(door, credentials.createInsecure())
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

async function linesOf(client: OrderServiceClient, id: number, userId: number): Promise<Line[]> {
  const request = { ...{ id, userId }, ...{ address: '', name: '', mobile: '', post: '' } }
  return await new Promise((resolve, reject) => {
    client.orderDetail(request, new Metadata(), { deadline: Date.now() + DEADLINE_MS }, (error, response) => {
      if (error) reject(error)
      else resolve(response.goods.map(({ goodsId, nums }) => ({ goodsId, num: nums })))
    })
  })
}

function answerOf(error: ServiceError): Answer<OrderedByGrpc> {
  const info = errorInfoOf(error)
  const said = `${status[error.code]} ${error.details}`
  // Only OrderService gives a reason: without one the connection broke, or the deadline passed first.
  if (!info) return { kind: 'lost', why: said }
  const failure = info.reason as FailureType
  const [code, text] = failure === 'OrderPending' ? ['DEADLINE_EXCEEDED', PENDING_TEXT] : (RIGHT[failure] ?? [])
  if (said !== `${code} ${text}`) throw new Error(`OrderCreate was answered ${said}, ${failure}: ${info.metadata.detail}`)
  return failure === 'OrderPending' ? { kind: 'pending', orderSn: info.metadata.orderSn ?? '' } : { kind: 'refused', failure }
}
