import { ServiceClient } from '../../clients/service-client.ts'
import type { ClientOptions } from '../../clients/unary.ts'
import { CouponClient as CouponStub } from './proto/generated/coupon.ts'

/** The coupon service; orderSn keys Use and Return. A call throws ServiceError. */
export class CouponClient extends ServiceClient<CouponStub> {
  constructor(options: ClientOptions) {
    super('coupon', CouponStub, options)
  }

  async use(orderSn: string, coupon: string, userId: number, atMostMs?: number): Promise<void> {
    await this.call('Use', atMostMs, (stub, ...sending) => stub.use({ orderSn, coupon, userId }, ...sending))
  }

  async giveBack(orderSn: string, atMostMs?: number): Promise<void> {
    await this.call('Return', atMostMs, (stub, ...sending) => stub.return({ orderSn }, ...sending))
  }
}
