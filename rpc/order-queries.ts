import { orderNotReady } from '../api/order-moves.ts'
import { orderNotFound } from '../api/order-view.ts'
import { stored } from '../api/stored.ts'
import type { Recipient } from '../contracts/create-order.ts'
import { isId } from '../contracts/kinds.ts'
import { MAX_ID } from '../contracts/limits.ts'
import type {
  OrderFilterRequest,
  OrderInfoDetailResponse,
  OrderInfoResponse,
  OrderListResponse,
  OrderRequest,
} from '../proto/generated/order.ts'
import type { OrderSlip } from '../store/order-slips.ts'
import type { OrderStore } from '../store/order-store.ts'
import { InvalidField } from './invalid-field.ts'
import { majorUnitsOf } from './major-units.ts'

/** Way of payment of every order that was placed here: the original knows no other. */
export const PAY_TYPE = 'alipay'
const PAGE_SIZE = 10
const MAX_PAGE_SIZE = 100

export interface OrderQueriesDeps {
  slips: Pick<OrderStore, 'orderSlip' | 'slipLines' | 'listSlips'>
  /** Opens the sealed recipient of an order; `undefined` if it was erased. @default none is sealed */
  unseal?: (sealed: string, of: Pick<OrderSlip, 'userId' | 'orderSn'>) => Promise<Recipient | undefined>
}

/** The methods that show orders. */
export class OrderQueries {
  readonly #deps: OrderQueriesDeps

  constructor(deps: OrderQueriesDeps) {
    this.#deps = deps
  }

  /** Lists orders. Whatever stands in page, page_size or status is answered, as the original does. */
  async list({ userId, status, page, pageSize }: OrderFilterRequest): Promise<OrderListResponse> {
    const asked = {
      ...(userId > 0 && { userId }),
      ...(status !== '' && { status: status.replaceAll('\0', '') }),
      page: Math.max(page, 1) - 1,
      pageSize: pageSize > 0 ? Math.min(pageSize, MAX_PAGE_SIZE) : PAGE_SIZE,
    }
    const { total, slips } = await stored(() => this.#deps.slips.listSlips(asked))
    return { total: Math.min(total, MAX_ID), data: await Promise.all(slips.map((slip) => this.#infoOf(slip))) }
  }

  /** @throws ApplicationFailure OrderNotFound, OrderNotReady; an order of somebody else is not found */
  async detail({ id, userId }: OrderRequest): Promise<OrderInfoDetailResponse> {
    if (!isId(id)) throw new InvalidField('orderId', 'id', 'must be above 0')
    const { slips } = this.#deps
    const slip = await stored(() => slips.orderSlip({ kind: 'id', id }))
    if (!slip || slip.isDeleted || (userId > 0 && userId !== slip.userId)) throw orderNotFound(String(id))
    if (isUnsettled(slip)) throw orderNotReady(slip.orderSn)
    const lines = await stored(() => slips.slipLines(slip))
    return {
      orderInfo: await this.#infoOf(slip),
      goods: lines.map((line) => ({
        ...{ id: line.id, orderId: slip.id, goodsId: line.goodsId, goodsName: line.name, goodsImage: line.image, nums: line.num },
        goodsPrice: majorUnitsOf(line.price),
      })),
    }
  }

  /** A recipient that was erased, or is not kept any more, is empty: the original has no word for that. */
  async #infoOf(slip: OrderSlip): Promise<OrderInfoResponse> {
    const { sealed } = slip
    const { unseal } = this.#deps
    if (sealed === undefined || !unseal) return infoOf(slip)
    return infoOf({ ...slip, ...(await stored(() => unseal(sealed, slip))) })
  }
}

/** Reports whether nobody knows yet whether the order will stand: the original has no word for that. */
export function isUnsettled({ status }: Pick<OrderSlip, 'status'>): boolean {
  return status === 'CREATING' || status === 'IN_DOUBT'
}

function infoOf({
  id,
  userId,
  knownAs,
  payType = PAY_TYPE,
  status,
  total,
  post,
  address,
  name,
  mobile,
}: OrderSlip): OrderInfoResponse {
  return {
    ...{ id, userId, orderSn: knownAs, payType, status, post, address, name, mobile },
    total: total ? majorUnitsOf(total) : 0,
  }
}
