import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify'
import { doubledMember } from '../contracts/doubled-members.ts'
import { printable, THERE_TWICE } from '../contracts/input-problems.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { type Authenticate, askedBy, believeAnybody } from '../identity/authenticate.ts'
import { BACKLOG } from '../limits/backlog.ts'
import { type AddressBound, boundAddresses } from '../limits/bound-addresses.ts'
import type { CallerLimits } from '../limits/caller-limits.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { OrderRuns } from '../temporal/order-runs.ts'
import { followFiles, serverOptions } from '../tls/server-options.ts'
import type { TlsFiles } from '../tls/tls-files.ts'
import { Admission, type AdmissionDeps } from './admission.ts'
import { Bodies } from './bodies.ts'
import { boundedRuns } from './bounded-runs.ts'
import { type CartDeps, serveCart } from './cart.ts'
import { serveDocs } from './docs.ts'
import { Drain } from './drain.ts'
import { EventFeed, type EventReads } from './event-feed.ts'
import { serveEvents } from './events.ts'
import { type GuardDeps, guardRoutes } from './guard.ts'
import { InnerDoor } from './inner-door.ts'
import type { LaneIntake } from './lane-intake.ts'
import { type OperationsDeps, serveOperations } from './operations.ts'
import { serveOperatorVerbs, type VerbDeps } from './operator-verbs.ts'
import { type IntakeDeps, OrderIntake } from './order-intake.ts'
import { serveOrderLife } from './order-life.ts'
import { serveOrderList } from './order-list.ts'
import { type MovesDeps, OrderMoves } from './order-moves.ts'
import { type RecipientDeps, serveRecipient } from './order-recipient.ts'
import type { ViewDeps } from './order-view.ts'
import { serveOrders } from './orders.ts'
import { problemSender } from './problems.ts'
import { measureRequests } from './request-metrics.ts'
import { traceRequests } from './request-spans.ts'
import type { RowlessOrders } from './rowless-orders.ts'
import { sendSecurityHeaders } from './security-headers.ts'
import { sharedSerializers } from './shared-serializers.ts'
import { countTurnedAway } from './turned-away.ts'
import { answerUnreadable } from './unreadable-request.ts'
import { answerUnserved } from './unserved.ts'

/** Maximum size of all bodies under way together: of 2,500 at once each may have 26 KB, and an order has less than 1. */
const MAX_BODIES_BYTES = 64 * 1024 * 1024
/** Time in which a request's head has to arrive, and time between two looks for late ones, in milliseconds. */
const HEAD_WITHIN_MS = 5_000
const LATE_EVERY_MS = 1_000
/**
 * Time for which a connection may stand still beside the wait for an order, in milliseconds: nothing arrives, and nothing of the
 * answer is taken.
 */
const STILL_MS = 30_000
/**
 * Time for which a connection without a request is kept, in milliseconds. Above the idle time-out of most balancers (60 s): whoever closes
 * first must be the balancer, or it sends a request into a connection that is just being closed, and answers 502.
 */
const KEEP_ALIVE_MS = 72_000
/** Maximum length of an id in a path: that of a request's head. Each route rejects such an id itself. */
const MAX_PARAM_LENGTH = 16 * 1024

export interface AppDeps
  extends Omit<OperationsDeps, 'isDraining' | 'admission'>,
    AdmissionDeps,
    CartDeps,
    MovesDeps,
    RecipientDeps {
  orders: Pick<OrderStore, 'getOrder' | 'openOrders' | 'naturalKeys' | 'isOf'>
  /** Looks at orders, on connections that whoever looks can't take from orders. @default orders */
  reads?: ViewDeps['orders']
  /** Lists of orders, on the same connections. */
  lists: Pick<OrderStore, 'listOrders'>
  /** Reads the feed of events. */
  events: EventReads
  runs: Pick<OrderRuns, 'start' | 'attach' | 'outcome' | 'progress'>
  rowless: Pick<RowlessOrders, 'add' | 'remove'>
  /** The verbs of operators. @default they are not served */
  operator?: VerbDeps
  /** The express lane; without it each request starts a run of its own. */
  lane?: Pick<LaneIntake, 'take' | 'refuseIfBusy'>
  /** True if the inventory honours the order number. */
  keyed: boolean
  /** Seals recipients before they leave this process. @default they leave in clear */
  seal?: NonNullable<IntakeDeps['seal']>
  onOrderEnd?: NonNullable<IntakeDeps['onOrderEnd']>
  /** Milliseconds that `POST /orders` waits for its order before it answers 202. */
  waitMs: number
  /** Milliseconds that a request may take to arrive whole. @default 10000 */
  requestWithinMs?: number
  /** Connections at the same time; one more is closed unheard. @default 2500 */
  maxConnections?: number
  /** Connections of one address. @default any number */
  addresses?: AddressBound
  /** Bytes of the bodies on their way, all together; one that would go beyond is refused. @default 64 MiB */
  maxBodiesBytes?: number
  /** Milliseconds that a connection may stand still with a request on it. @default waitMs and 30000 more */
  stillMs?: number
  /** Finds out who sent a request. @default believes everybody */
  authenticate?: Authenticate
  /** @default connections are not encrypted */
  tls?: TlsFiles | undefined
  /** @default the names of this machine, for every route */
  hosts?: GuardDeps['hosts']
  /** False: what is for operators is not served at the public address. @default true */
  isInsidePublic?: boolean
  /** Requests that a caller may send. @default any number */
  limits?: Pick<CallerLimits, 'admit'>
  /** The web UI's page of a run, if there is a web UI. */
  runUrl?: (workflowId: string) => string
  log: FastifyBaseLogger
}

/** The front door over HTTP, and what stands behind it, which another door may share. */
export interface App {
  /** The server, not yet listening. */
  app: FastifyInstance
  /** Lets it listen. @returns its URL @throws Error of Node, with a code, if it can't */
  listen(at: { host: string; port: number }): Promise<string>
  /** Drains it: see drain.ts. */
  stop(): Promise<void>
  admission: Admission
  intake: OrderIntake
  moves: OrderMoves
  /** The operators' own address, not yet listening. */
  inner: InnerDoor
}

/** Makes the front door over HTTP. */
export async function createApp(deps: AppDeps): Promise<App> {
  const { requestWithinMs = 10_000, maxConnections = 2_500, maxBodiesBytes = MAX_BODIES_BYTES } = deps
  const turnedAway = countTurnedAway(deps.registry)
  const limits = {
    // Node goes by the longer of the two, which would be its default of a minute.
    headersTimeout: Math.min(HEAD_WITHIN_MS, requestWithinMs),
    connectionsCheckingInterval: LATE_EVERY_MS,
  }
  const sendProblem = problemSender()
  const app = Fastify({
    loggerInstance: deps.log,
    // No line per request: the metrics count them, and a request's own words are personal data.
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    schemaController: { compilersFactory: { buildSerializer: sharedSerializers() } },
    return503OnClosing: false,
    requestTimeout: requestWithinMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Declared as another server, which differs in nothing that is used of it.
    ...(deps.tls ? { https: { ...limits, ...serverOptions(deps.tls) } as never } : { http: limits }),
    frameworkErrors: sendProblem,
    clientErrorHandler(error, socket) {
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') turnedAway('late_request')
      answerUnreadable(error, socket)
    },
  })
  if (deps.tls) followFiles(app.server as never, deps.tls)
  app.server.maxConnections = maxConnections
  app.server.on('drop', () => turnedAway('too_many_connections'))
  if (deps.addresses) boundAddresses(app.server, { ...deps.addresses, onRefused: () => turnedAway('too_many_of_address') })
  // A client that takes no answer would keep its connection for ever: Node has no time-out for that.
  const stillMs = deps.stillMs ?? deps.waitMs + STILL_MS
  app.server.setTimeout(stillMs, (socket) => {
    // Node comes here as well if a connection had no request for KEEP_ALIVE_MS.
    if (socket.writableLength > 0) turnedAway('answer_not_taken')
    socket.destroy()
  })
  const admission = new Admission(deps)
  const intake = new OrderIntake({ ...deps, admission })
  const moves = new OrderMoves(deps)
  const feed = new EventFeed(deps.events)
  const drain = new Drain(() => intake.cutWaits())

  acceptJsonAlone(app, new Bodies({ maxBytes: maxBodiesBytes, onRefused: () => turnedAway('too_many_bodies') }))
  app.setErrorHandler(sendProblem)
  drain.watch(app)
  measureRequests(app, deps.registry)
  admission.measureIn(deps.registry)
  traceRequests(app)
  await sendSecurityHeaders(app)
  const inner = new InnerDoor()
  const { authenticate = believeAnybody, hosts = { names: [], forAll: true }, isInsidePublic = true } = deps
  guardRoutes(app, { authenticate, hosts, inner, isInsidePublic, ...(deps.limits && { limits: deps.limits }) })
  answerUnserved(app)
  await serveDocs(app, askedBy(authenticate))
  const view = { ...deps, orders: deps.reads ?? deps.orders, runs: boundedRuns(deps.runs) }
  serveOrders(app, intake, view)
  serveOrderList(app, deps.lists)
  serveRecipient(app, deps)
  serveOrderLife(app, moves, view)
  serveCart(app, deps)
  serveEvents(app, feed, stillMs)
  if (deps.operator) serveOperatorVerbs(app, deps.operator)
  serveOperations(app, { ...deps, admission, isDraining: () => drain.isDraining })
  await app.ready()
  return {
    app,
    listen: ({ host, port }) => app.listen({ host, port, backlog: BACKLOG }),
    admission,
    intake,
    moves,
    inner,
    async stop() {
      feed.stop()
      await drain.stop(app)
      inner.stop()
    },
  }
}

/** Answers are written by the schemas of the routes. Each route itself reads what comes in by them: so all that is wrong is named at once. */
function acceptJsonAlone(app: FastifyInstance, bodies: Bodies): void {
  app.setValidatorCompiler(() => () => true)
  app.removeAllContentTypeParsers()
  const parse = promisify(app.getDefaultJsonParser('error', 'error'))
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: Readable) => {
    const body = await bodies.read(payload, Number(request.headers['content-length'] ?? 0))
    // Many clients announce JSON with a DELETE that has no body.
    if (body.length === 0) return undefined
    // Decoded all the same, it would be an order to an address that nobody wrote.
    if (!isUtf8(body)) throw invalidInput([{ field: '', problem: 'must be UTF-8' }])
    const text = body.toString()
    const value: unknown = await parse(request, text)
    const doubled = doubledMember(text)
    if (doubled !== undefined) throw invalidInput([{ field: printable(doubled), problem: THERE_TWICE }])
    return value
  })
}
