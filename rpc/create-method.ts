import type { Metadata } from '@grpc/grpc-js'
import { KEY_HEADER, readKey } from '../api/idempotency-key.ts'
import type { OrderIntake } from '../api/order-intake.ts'
import { stored } from '../api/stored.ts'
import { failureOf } from '../contracts/application-failure.ts'
import type { CreateOrderInput } from '../contracts/create-order.ts'
import { failure } from '../contracts/failures.ts'
import { InputProblems } from '../contracts/input-problems.ts'
import { refuseIfAny } from '../contracts/invalid-input.ts'
import { isId } from '../contracts/kinds.ts'
import type { OrderSn } from '../contracts/order.ts'
import { readOrderRequest } from '../contracts/order-request.ts'
import { orderSnOf } from '../contracts/order-sn.ts'
import { placedBy } from '../identity/placed-by.ts'
import type { OrderInfoResponse, OrderRequest as WireRequest } from '../proto/generated/order.ts'
import type { SharedReads } from '../store/shared-reads.ts'
import type { Call } from './answered.ts'
import { InvalidField } from './invalid-field.ts'
import { majorUnitsOf } from './major-units.ts'
import { PAY_TYPE } from './order-queries.ts'

/**
 * Part of its caller's deadline after which a call stops waiting for its order, and the most that this leaves, in milliseconds: the store is asked then
 * what it knows. When `ANSWER` is left the caller is answered, whatever is known.
 */
const LEFT_TO_ASK = { share: 0.3, maxMs: 1_000 }
const LEFT_TO_ANSWER = { share: 0.1, maxMs: 200 }

/** Longest time of a timer, in milliseconds. */
const MAX_WAIT_MS = 2_147_483_647

export interface CreateMethodDeps {
  intake: Pick<OrderIntake, 'place'>
  ids: SharedReads<number>
  /** Milliseconds that a caller waits who named no deadline. */
  waitMs: number
}

/** `OrderCreate`: orders the checked rows of a cart. */
export class CreateMethod {
  readonly #deps: CreateMethodDeps

  constructor(deps: CreateMethodDeps) {
    this.#deps = deps
  }

  async create(sent: WireRequest, { metadata, deadline, caller }: Call): Promise<OrderInfoResponse> {
    const request = requestOf(sent, metadata)
    let named: OrderSn | undefined
    const onNamed = (requestId: string) => {
      named = orderSnOf({ ...request, requestId })
    }
    const { intake, ids, waitMs } = this.#deps
    const leftMs = Math.min(Number.isFinite(deadline) ? deadline - Date.now() : waitMs + LEFT_TO_ASK.maxMs, MAX_WAIT_MS)
    const wait = new AbortController()
    const late = new AbortController()
    const timers = [
      setTimeout(() => wait.abort(), leftMs - Math.min(leftMs * LEFT_TO_ASK.share, LEFT_TO_ASK.maxMs)),
      setTimeout(() => late.abort(), leftMs - Math.min(leftMs * LEFT_TO_ANSWER.share, LEFT_TO_ANSWER.maxMs)),
    ]
    try {
      const answer = await ifInTime(
        intake.place({ ...request, ...placedBy(caller) }, { until: wait.signal, onNamed }),
        late.signal,
      )
      if (answer?.kind !== 'created') throw pending(named)
      const { orderSn, status, total } = answer.result
      // It stands. A result of an older worker lacks its integer, which may be asked for as long as the caller waits.
      const asked = () => stored(() => ids.get(orderSn))
      const id = answer.result.id ?? (await ifInTime(asked(), late.signal))
      if (id === undefined) throw pending(named)
      const { userId, address, name, mobile, post = '' } = request
      return { ...{ id, userId, orderSn, payType: PAY_TYPE, status, post, address, name, mobile }, total: majorUnitsOf(total) }
    } finally {
      for (const timer of timers) clearTimeout(timer)
    }
  }
}

/** @returns `undefined` if it is too late; what was waited for goes on, and nobody is answered what it comes to */
async function ifInTime<T>(waited: Promise<T>, late: AbortSignal): Promise<T | undefined> {
  const tooLate = new Promise<undefined>((resolve) => late.addEventListener('abort', () => resolve(undefined), { once: true }))
  return await Promise.race([waited, late.aborted ? undefined : tooLate])
}

/** @param orderSn absent if it was too late before the order had a name: then nothing was begun */
function pending(orderSn: OrderSn | undefined) {
  const what = `${orderSn ? `order ${orderSn}` : 'the order'} is still being created, or whether it is can not be said now`
  return failureOf(failure('OrderPending', what, { ...(orderSn && { orderSn }) }))
}

/** @throws InvalidField, in the order in which the original looks at the fields; ApplicationFailure InvalidInput for what it does not look at */
function requestOf({ userId, address, name, mobile, post }: WireRequest, metadata: Metadata): CreateOrderInput {
  if (!isId(userId)) throw new InvalidField('userId', 'user_id', 'must be above 0')
  for (const [field, text] of Object.entries({ address, name, mobile })) {
    if (text.trim() === '') throw new InvalidField(field as 'address' | 'name' | 'mobile', field, 'must not be empty')
  }
  const found = new InputProblems()
  const key = readKey(keysIn(metadata), found)
  const asked = readOrderRequest({ userId, address, name, mobile, ...(post !== '' && { post }) }, found)
  refuseIfAny(found)
  return { ...asked, ...(key !== undefined && { requestId: key }) }
}

/** Returns the keys as HTTP would have them: each as it was sent. */
function keysIn(metadata: Metadata): string[] {
  return metadata.get(KEY_HEADER.toLowerCase()).flatMap((value) => [KEY_HEADER, String(value)])
}
