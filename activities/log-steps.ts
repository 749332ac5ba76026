import { trace } from '@opentelemetry/api'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { Activities } from '../contracts/activities.ts'
import { failureIn } from '../contracts/application-failure.ts'
import { isRefusal } from '../contracts/failures.ts'
import { isOrderSn } from '../contracts/order.ts'
import { orderSnOf } from '../contracts/order-sn.ts'
import { forEachStep } from '../contracts/participants/list.ts'
import type { Sale } from '../contracts/steps.ts'

/** Subject of a step: one order, or the number of what it was about. */
interface Subject {
  orderSn?: string | undefined
  orders?: number
  goods?: number
}

type SubjectOf = { [Step in keyof Activities]: (...args: Parameters<Activities[Step]>) => Subject }

const SUBJECTS: SubjectOf = {
  openOrder: (request) => ({ orderSn: orderSnOf(request) }),
  getUser: (_userId, orderSn) => ({ orderSn }),
  batchGetGoods: (ids, orderSn) => ({ orderSn, goods: ids.length }),
  confirmOrder: ({ orderSn, lines }) => ({ orderSn, goods: lines.length }),
  voidOrder: (order) => ({ orderSn: 'orderSn' in order ? order.orderSn : orderSnOf(order.request) }),
  prepareOrders: (requests) => ({ orders: requests.length }),
  confirmOrders: (confirmations) => ({ orders: confirmations.length }),
  voidOrders: (intents) => ({ orders: intents.length }),
  handOverOrders: (requests) => ({ orders: requests.length }),
  findAbandonedOrders: () => ({}),
  startSettling: (orderSns) => ({ orders: orderSns.length }),
  closeDue: () => ({}),
  findReturning: () => ({}),
  ...forEachStep(
    ({ orderSn, lines }: Sale) => ({ orderSn, goods: lines.length }),
    (sales: Sale[]) => ({ orders: sales.length }),
  ),
}

/** Arguments that are not valid are not logged: the step itself refuses them. */
function subjectIn(subjectOf: () => Subject | undefined): Subject {
  try {
    const { orderSn, ...counts } = subjectOf() ?? {}
    return { ...counts, ...(isOrderSn(orderSn) && { orderSn }) }
  } catch {
    return {}
  }
}

/**
 * One line for each attempt at a step: `info` if it was done or finally refused, `warn` if it is tried again. The lane's
 * steps are logged once for the whole batch.
 */
export function logSteps(log: Pick<Logger, 'info' | 'warn'>): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const { activityType: step, attempt, workflowExecution } = info
        const subjectOf = SUBJECTS[step as keyof Activities] as ((...args: unknown[]) => Subject) | undefined
        const subject = subjectIn(() => subjectOf?.(...input.args))
        if (subject.orderSn) trace.getActiveSpan()?.setAttribute('order.sn', subject.orderSn)
        const started = performance.now()
        const line = () => ({
          step,
          ...subject,
          workflowId: workflowExecution?.workflowId,
          runId: workflowExecution?.runId,
          attempt,
          ms: Math.round(performance.now() - started),
        })
        try {
          const result = await next(input)
          log.info(line(), `${step} done`)
          return result
        } catch (error) {
          const failure = failureIn(error)?.type ?? 'InternalError'
          const isFinal = isRefusal({ type: failure }) && failure !== 'InternalError'
          log[isFinal ? 'info' : 'warn']({ ...line(), failure }, `${step} ${isFinal ? 'refused' : 'failed'}`)
          throw error
        }
      },
    },
  })
}
