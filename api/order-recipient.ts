import type { FastifyInstance } from 'fastify'
import { failureOf } from '../contracts/application-failure.ts'
import type { Caller } from '../contracts/caller.ts'
import type { Recipient } from '../contracts/create-order.ts'
import { failure } from '../contracts/failures.ts'
import { isOrderSn } from '../contracts/order.ts'
import type { OrderSlip } from '../store/order-slips.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { RecipientStore } from '../store/recipients/recipient-store.ts'
import { RECIPIENT } from './components.ts'
import { orderNotFound } from './order-view.ts'
import { json, ORDER_SN_IN_PATH, problems } from './schemas.ts'
import { stored } from './stored.ts'

export interface RecipientDeps {
  slips: Pick<OrderStore, 'orderSlip'>
  /** Records who is shown a recipient. */
  recipientLog: Pick<RecipientStore, 'logRecipientRead'>
  /** Opens the sealed recipient of an order; `undefined` if it was erased. @default none is sealed */
  unseal?: (sealed: string, of: Pick<OrderSlip, 'userId' | 'orderSn'>) => Promise<Recipient | undefined>
}

/** `GET /orders/{orderSn}/recipient`, for whoever sends the goods. */
export function serveRecipient(app: FastifyInstance, { slips, recipientLog, unseal }: RecipientDeps): void {
  app.route<{ Params: { orderSn: string } }>({
    method: 'GET',
    url: '/orders/:orderSn/recipient',
    config: { access: 'orders:support' },
    schema: {
      operationId: 'getRecipient',
      tags: ['orders'],
      summary: 'Look at the recipient of an order',
      description: 'For fulfilment and support. Who looks at which order is recorded.',
      params: ORDER_SN_IN_PATH,
      response: {
        200: json('The recipient', RECIPIENT),
        ...problems('OrderNotFound', 'RecipientErased', 'ServiceUnavailable'),
      },
    },
    async handler({ params: { orderSn }, caller }) {
      const slip = isOrderSn(orderSn) ? await stored(() => slips.orderSlip({ kind: 'number', orderSn })) : undefined
      if (!slip || slip.isDeleted) throw orderNotFound(orderSn)
      const recipient = await recipientOf(slip)
      if (!recipient) {
        throw failureOf(failure('RecipientErased', `the recipient of order ${orderSn} is not kept any more`, { orderSn }))
      }
      // Before it is shown: what could not be recorded is not shown.
      await stored(() => recipientLog.logRecipientRead({ orderSn, userId: slip.userId, by: nameOf(caller) }))
      return recipient
    },
  })

  async function recipientOf({ sealed, address, name, mobile, post, ...slip }: OrderSlip): Promise<Recipient | undefined> {
    if (sealed !== undefined) return unseal ? await stored(() => unseal(sealed, slip)) : undefined
    return address || name || mobile ? { address, name, mobile, ...(post && { post }) } : undefined
  }
}

function nameOf(caller: Caller): string {
  return caller.kind === 'anybody' ? 'anybody' : caller.subject
}
