import { status } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import { type RunningService, serve } from '../../rpc/server/serve.ts'
import { StatusError } from '../../rpc/server/status-error.ts'
import { unary } from '../../rpc/server/unary.ts'
import type { CouponLedger, Used } from './coupon-ledger.ts'
import { type CouponServer, CouponService } from './proto/generated/coupon.ts'

const REASONS: Record<Exclude<Used, 'used'>, string> = { refused: 'COUPON_REFUSED', 'returned before': 'COUPON_RETURNED' }

/** Faults that a test puts into the calls. */
export interface CouponFaults {
  /** Runs when a Use has taken effect, before its answer. */
  afterUse?: (orderSn: string) => Promise<void>
  /** Runs before a Return. */
  beforeReturn?: (orderSn: string) => Promise<void>
}

/** The coupon service of the worked example. */
export function startCoupon(ledger: CouponLedger, log: Logger, faults: CouponFaults = {}): Promise<RunningService> {
  const implementation: CouponServer = {
    use: unary(log, async ({ orderSn, coupon, userId }) => {
      const used = await ledger.use(orderSn, coupon, userId)
      await faults.afterUse?.(orderSn)
      if (used === 'used') return {}
      throw new StatusError(status.FAILED_PRECONDITION, `the coupon was ${used}`, {
        reason: REASONS[used],
        domain: 'coupon',
        metadata: { orderSn },
      })
    }),
    return: unary(log, async ({ orderSn }) => {
      await faults.beforeReturn?.(orderSn)
      await ledger.giveBack(orderSn)
      return {}
    }),
  }
  return serve({ name: 'coupon', setting: 'COUPON_ADDR', address: '127.0.0.1:0', definition: CouponService, implementation })
}
