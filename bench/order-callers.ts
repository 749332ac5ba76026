import { GrpcCaller } from './grpc-caller.ts'
import { HttpCaller } from './http-caller.ts'
import type { LoadTask } from './load-messages.ts'
import { cartOrder, orderBody } from './order-body.ts'

/** Answer to one order. */
export interface Placed {
  /** True if it is the answer that the task expects. */
  done: boolean
  /** Status of the answer; 0 if the connection broke. */
  status: number
  /** Status and text of the answer. */
  answer: string
}

/** Sends the order of this number, and waits for its answer. What breaks a connection is an answer, and the next order has a new one. */
export type PlaceOrder = (id: number) => Promise<Placed>

/**
 * The callers of one task: over HTTP each has a connection of its own, over gRPC all have one together, as gateways have them. A connection
 * is opened with its first order.
 * @param keys what the keys of these orders begin with
 */
export function orderCallers(task: LoadTask, keys: string): { callers: PlaceOrder[]; close(): void } {
  const urls = task.urls.map((url) => new URL(url))
  const closes: (() => void)[] = []
  const close = () => {
    for (const one of closes) one()
  }
  const connections = <Caller extends { isBroken: boolean; close(): void }>(open: () => Caller) => {
    let current: Caller | undefined
    closes.push(() => current?.close())
    return () => {
      if (!current || current.isBroken) current = open()
      return current
    }
  }

  function overGrpc(connection: () => GrpcCaller): PlaceOrder {
    return async (id) => {
      const { address, name, mobile, userId } = cartOrder(id)
      const request = { id: 0, userId, address, name, mobile, post: '' }
      const { code, details } = await connection()
        .createOrder(request)
        .catch((error: Error) => ({ code: -1, details: error.message }))
      return { done: code === 0, status: Math.max(0, code), answer: `${code} ${details}` }
    }
  }

  function overHttp(connection: () => HttpCaller): PlaceOrder {
    return async (id) => {
      const order = task.carts ? cartOrder(id) : orderBody(id, task)
      const key = task.carts ? undefined : `${keys}-${id}`
      const { status, body } = await connection()
        .postJson('/orders', key, JSON.stringify(order))
        .catch((error: Error) => ({ status: 0, body: error.message }))
      return { done: status === task.expected, status, answer: `${status} ${body}` }
    }
  }

  const each = Array.from({ length: task.callers }, (_, i) => i % urls.length)
  if (task.door === 'grpc') {
    const shared = urls.map((url) => overGrpc(connections(() => new GrpcCaller(url))))
    return { callers: each.flatMap((which) => shared[which] ?? []), close }
  }
  const { tokens = [] } = task
  const callers = each.map((which, i) =>
    overHttp(connections(() => new HttpCaller(urls[which] as URL, tokens[i % tokens.length]))),
  )
  return { callers, close }
}
