import { type ClientUnaryCall, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { Admission } from '../../api/admission.ts'
import { OrderIntake } from '../../api/order-intake.ts'
import { OrderMoves } from '../../api/order-moves.ts'
import { RowlessOrders } from '../../api/rowless-orders.ts'
import { readPayloadKeys } from '../../codec/payload-keys.ts'
import { ReloadedFile } from '../../codec/reloaded-file.ts'
import type { OrderRequest } from '../../contracts/create-order.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import type { GoodsSnapshot } from '../../contracts/steps.ts'
import { OrderServiceClient, OrderServiceService } from '../../proto/generated/order.ts'
import { FileKeyWrapping } from '../../recipients/file-key-wrapping.ts'
import { Recipients } from '../../recipients/recipients.ts'
import { type OrderServiceDeps, startOrderService } from '../../rpc/order-service.ts'
import { cartStore } from '../../store/cart-store.ts'
import { orderStore } from '../../store/order-store.ts'
import { recipientStore } from '../../store/recipients/recipient-store.ts'
import { asResult, isConfirmed } from '../../store/stored-order.ts'
import type { RunOutcome } from '../../temporal/order-runs.ts'
import { AMPLE_MS } from '../clients/ample.ts'
import { keysFile } from '../support/payload-keys.ts'
import { connectPatiently, testStore } from '../support/test-store.ts'

type Method = keyof typeof OrderServiceService
type RequestOf<M extends Method> = Parameters<(typeof OrderServiceService)[M]['requestSerialize']>[0]
type ResponseOf<M extends Method> = ReturnType<(typeof OrderServiceService)[M]['responseDeserialize']>

/** Goods of the shop: of 19.99 CNY each. 404 does not exist, 410 is off sale, 503 makes the goods service fail. */
const PRICE = { amount: 1_999, currency: 'CNY' }

/**
 * The order service before a PostgreSQL of its own: real but for Temporal, whose runs are done here at once, by the store's own steps, and the goods
 * service.
 */
export async function openDoor({ seals = false, ...changes }: Partial<OrderServiceDeps> & { seals?: boolean } = {}) {
  const urls = await testStore()
  const db = connectPatiently(urls.app, { max: 10 })
  const operatorDb = connectPatiently(urls.operator)
  const ownerDb = connectPatiently(urls.owner, { max: 2 })
  const orders = orderStore(db)
  const logged: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) })
  const givenBack: string[] = []
  const requests: OrderRequest[] = []
  const shop = { outcome: undefined as RunOutcome | undefined, isUp: true, latest: 0 }
  const admission = new Admission({
    temporal: { isUp: true },
    store: {
      get isUp() {
        return shop.isUp
      },
      get latest() {
        return shop.latest
      },
    },
    maxUnsettled: 500,
  })

  /** Does what a run does for an order, its calls to other services left out. */
  async function create(request: OrderRequest, orderSn: string): Promise<RunOutcome> {
    const intent = { ...request, orderSn, fingerprint: fingerprintOf(request), workflowId: `create-order/${orderSn}` }
    const [opened] = await orders.openOrders([intent])
    if (opened?.order.refusal) return { kind: 'refused', refused: opened.order.refusal }
    const lines = (opened?.lines ?? []).map((line) => ({ ...line, ...snapshot(line.goodsId), price: PRICE }))
    const total = lines.reduce((sum, { num, price }) => sum + num * price.amount, 0)
    const [order] = await orders.confirmOrders([{ orderSn, total, lines }])
    if (!order || !isConfirmed(order)) throw new Error(`order ${orderSn} was not confirmed`)
    return { kind: 'created', result: asResult(order) }
  }

  const recipients = new Recipients({
    store: recipientStore(db),
    wrapping: new FileKeyWrapping(new ReloadedFile(await keysFile('door'), readPayloadKeys, () => {})),
    seals,
    onProblem: (problem) => log.warn(problem),
  })
  const intake = new OrderIntake({
    seal: (request) => recipients.seal(request),
    orders,
    keyed: true,
    runs: {
      async start(request, orderSn) {
        requests.push(request)
        const outcome = shop.outcome ?? (await create(request, orderSn))
        return { attached: false, handle: { result: async () => outcome as never } }
      },
      attach: () => ({ attached: true, handle: { result: async () => ({}) as never } }),
      async outcome(run, signal) {
        const outcome = (await run.handle.result()) as unknown as RunOutcome
        if (outcome.kind === 'open') await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return outcome
      },
    },
    rowless: new RowlessOrders(),
    admission,
    log,
    waitMs: 5_000,
  })
  const registry = new Registry()
  const transitions: string[] = []
  const moves = new OrderMoves({
    life: orders,
    giveBack: { add: (orderSn) => givenBack.push(orderSn) },
    onTransition: (to) => transitions.push(to),
  })
  const cart = cartStore(db)
  const idsAsked: string[] = []
  const orderIds = (orderSns: readonly string[]) => {
    idsAsked.push(...orderSns)
    return orders.orderIds(orderSns)
  }
  const service = await startOrderService({
    ...{
      address: '127.0.0.1:0',
      maxCalls: 100,
      intake,
      admission,
      moves,
      cart,
      slips: { ...orders, orderIds },
      unseal: (sealed, of) => recipients.unseal(sealed, of),
      waitMs: 5_000,
      registry,
      log,
    },
    goods: {
      batchGetGoods: async (ids) => {
        if (ids.includes(503)) throw new Error('the goods service is broken')
        return ids.filter((id) => id !== 404).map(snapshot)
      },
    },
    ...changes,
  })
  const client = new OrderServiceClient(service.address, credentials.createInsecure())

  /** Calls a method with some fields of its request; the others have the values of proto3. */
  async function call<M extends Method>(
    method: M,
    fields: Partial<RequestOf<M>> = {},
    { metadata = {}, deadlineMs = AMPLE_MS }: { metadata?: Record<string, string>; deadlineMs?: number } = {},
  ): Promise<ResponseOf<M>> {
    const { requestDeserialize } = OrderServiceService[method]
    const request = { ...(requestDeserialize(Buffer.alloc(0)) as object), ...fields }
    const sent = new Metadata()
    for (const [name, value] of Object.entries(metadata)) sent.set(name, value)
    const send = client[method].bind(client) as unknown as (
      request: object,
      metadata: Metadata,
      options: object,
      done: (error: ServiceError | null, response: ResponseOf<M>) => void,
    ) => ClientUnaryCall
    return await new Promise((resolve, reject) => {
      send(request, sent, { deadline: Date.now() + deadlineMs }, (error, response) => (error ? reject(error) : resolve(response)))
    })
  }

  return {
    ...{
      service,
      client,
      call,
      db,
      operatorDb,
      ownerDb,
      orders,
      cart,
      shop,
      requests,
      idsAsked,
      givenBack,
      transitions,
      logged,
      registry,
      admission,
      orderSnOf,
    },
    async close() {
      client.close()
      await service.stop()
      await Promise.all([db, operatorDb, ownerDb].map((one) => one.destroy()))
    },
  }
}

export type Door = Awaited<ReturnType<typeof openDoor>>

function snapshot(goodsId: number): GoodsSnapshot {
  return {
    goodsId,
    name: `goods ${goodsId}`,
    image: `https://shop.example/${goodsId}.png`,
    onSale: goodsId !== 410,
    price: PRICE,
  }
}
