import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Admission } from '../api/admission.ts'
import type { OrderIntake } from '../api/order-intake.ts'
import type { Caller } from '../contracts/caller.ts'
import { CUT_AFTER_MS } from '../contracts/time-budget.ts'
import { type Authenticate, believeAnybody } from '../identity/authenticate.ts'
import { userMeant } from '../identity/whose.ts'
import { type AddressBound, boundAddresses } from '../limits/bound-addresses.ts'
import type { CallerLimits } from '../limits/caller-limits.ts'
import { SparingLog } from '../limits/sparing-log.ts'
import { OrderServiceService } from '../proto/generated/order.ts'
import type { OrderStore } from '../store/order-store.ts'
import { SharedReads } from '../store/shared-reads.ts'
import { serverCredentials } from '../tls/server-credentials.ts'
import type { TlsFiles } from '../tls/tls-files.ts'
import { answered } from './answered.ts'
import { measureCalls } from './call-metrics.ts'
import { CartMethods, type CartMethodsDeps } from './cart-methods.ts'
import { CreateMethod } from './create-method.ts'
import { OrderQueries, type OrderQueriesDeps } from './order-queries.ts'
import { OrderUpdates, type OrderUpdatesDeps } from './order-updates.ts'
import { countRefusedConnections } from './refused-connections.ts'
import { CallsInFlight } from './server/calls-in-flight.ts'
import { type RunningService, serve } from './server/serve.ts'
import { strictRequests } from './strict-requests.ts'

/** Maximum size of a request, as over HTTP: the largest that is served has a fiftieth of it. */
const MAX_REQUEST_BYTES = 256 * 1024
/** Maximum number of calls on one connection at the same time: what comes beyond waits at the client. */
const MAX_CALLS_ON_CONNECTION = 1_000
/** Time between a stop and the end of new calls, in milliseconds: callers that watch the health go elsewhere meanwhile. */
const LINGER_MS = 500
/** Orders whose integers are read in one statement. */
const IDS_AT_ONCE = 500
/** Time between two looks whether orders are taken, in milliseconds. */
const LOOK_EVERY_MS = 500

export interface OrderServiceDeps extends CartMethodsDeps, OrderQueriesDeps, OrderUpdatesDeps {
  /** `host:port`; port 0 takes a free one. */
  address: string
  /** @default the connections are not encrypted */
  tls?: TlsFiles | undefined
  /** Calls at the same time; one more is refused. */
  maxCalls: number
  intake: Pick<OrderIntake, 'place' | 'cutWaits'>
  admission: Pick<Admission, 'missing' | 'overfull'>
  slips: Pick<OrderStore, 'orderSlip' | 'slipLines' | 'listSlips' | 'orderIds'>
  /** Milliseconds that a caller of OrderCreate waits who named no deadline. */
  waitMs: number
  /** Finds out who sent a call. @default believes everybody */
  authenticate?: Authenticate
  /** Connections of one address. @default any number */
  addresses?: AddressBound
  /** Calls that a caller may send. @default any number */
  limits?: Pick<CallerLimits, 'admit'>
  registry: Registry
  log: Logger
}

/**
 * The front door over gRPC: the original's OrderService, in front of the intake and the store that HTTP has. Its health is SERVING while orders are
 * taken.
 * @throws Error naming the address, if it can't listen there
 */
export async function startOrderService(deps: OrderServiceDeps): Promise<RunningService> {
  const {
    address,
    addresses,
    tls,
    maxCalls,
    intake,
    admission,
    slips,
    authenticate = believeAnybody,
    limits,
    registry,
    log,
  } = deps
  const inFlight = new CallsInFlight(maxCalls)
  const calls = {
    log,
    lines: new SparingLog(),
    inFlight,
    authenticate,
    ...(limits && { limits }),
    onCall: measureCalls(registry, inFlight),
  }
  const onRefused = countRefusedConnections(registry)
  const carts = new CartMethods(deps)
  const creation = new CreateMethod({ ...deps, ids: new SharedReads(IDS_AT_ONCE, (orderSns) => slips.orderIds(orderSns)) })
  const queries = new OrderQueries(deps)
  const updates = new OrderUpdates(deps)
  const service = await serve({
    ...{ name: 'OrderService', setting: 'GRPC_ADDR', address },
    definition: strictRequests(OrderServiceService),
    implementation: {
      cartItemList: answered('cartItemList', calls, (request, { caller }) => carts.list({ id: userMeant(caller, request.id) })),
      cartItemAdd: answered('cartItemAdd', calls, (request, { caller }) => carts.add(ofUser(request, caller))),
      cartItemUpdate: answered('cartItemUpdate', calls, (request, { caller }) => carts.update(ofUser(request, caller))),
      cartItemDelete: answered('cartItemDelete', calls, (request, { caller }) => carts.delete(ofUser(request, caller))),
      orderCreate: answered('orderCreate', calls, (request, call) => creation.create(ofUser(request, call.caller), call)),
      orderList: answered('orderList', calls, (request, { caller }) => queries.list(ofUser(request, caller))),
      orderDetail: answered('orderDetail', calls, (request, { caller }) => queries.detail(ofUser(request, caller))),
      orderUpdate: answered('orderUpdate', calls, (request, { caller }) => updates.update(request, caller)),
      orderDelete: answered('orderDelete', calls, (request, { caller }) => updates.delete(ofUser(request, caller))),
    },
    ...(tls && { credentials: serverCredentials(tls) }),
    guard: (listener) => {
      if (addresses && addresses.max > 0) boundAddresses(listener, { ...addresses, onRefused })
    },
    ...{ maxRequestBytes: MAX_REQUEST_BYTES, maxCallsOnConnection: MAX_CALLS_ON_CONNECTION, inFlight, lingerMs: LINGER_MS },
  })
  const look = () => service.setServing(admission.missing.length === 0 && !admission.overfull)
  look()
  const looking = setInterval(look, LOOK_EVERY_MS).unref()
  return {
    ...service,
    async stop() {
      clearInterval(looking)
      const cut = setTimeout(() => intake.cutWaits(), CUT_AFTER_MS)
      await service.stop()
      clearTimeout(cut)
    },
  }
}

/** @throws ApplicationFailure Forbidden if a customer names another user; one that names none means themselves */
function ofUser<Request extends { userId: number }>(request: Request, caller: Caller): Request {
  return { ...request, userId: userMeant(caller, request.userId) }
}
