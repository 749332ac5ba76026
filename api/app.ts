import { isUtf8 } from 'node:buffer'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'

import { doubledMember } from '../contracts/doubled-members.ts'
import { invalidInput, printable, THERE_TWICE } from '../contracts/order-request.ts'

import type { CartStore } from '../store/cart-store.ts'
import type { OrderStore } from '../store/order-store.ts'
import { Admission, type AdmissionParts } from './admission.ts'
import { boundedRuns } from './bounded-runs.ts'
import { serveCart } from './cart.ts'
import { serveDocs } from './docs.ts'
import { Drain } from './drain.ts'
import { type OperationsParts, serveOperations } from './operations.ts'
import type { OrderBatches } from './order-batches.ts'
import { type IntakeParts, OrderIntake } from './order-intake.ts'
import type { OrderRuns } from './order-runs.ts'
import { serveOrders } from './orders.ts'
import { sendProblem } from './problems.ts'
import { measureRequests } from './request-metrics.ts'
import { traceRequests } from './request-spans.ts'
import type { RowlessOrders } from './rowless-orders.ts'
import { answerUnreadable } from './unreadable-request.ts'
import { answerUnserved } from './unserved.ts'

/** Twice what 1,000 lines need. */
const BODY_LIMIT_BYTES = 256 * 1024
/** How long a request's head may take to arrive, and how often late ones are looked for. Milliseconds. */
const HEAD_WITHIN_MS = 5_000
const LATE_EVERY_MS = 1_000
/** As long as a request's head may be: each route says itself that such an id is none. */
const MAX_PARAM_LENGTH = 16 * 1024

export interface AppParts extends Omit<OperationsParts, 'isDraining' | 'admission'>, AdmissionParts {
  orders: Pick<OrderStore, 'getOrder' | 'openOrders'>
  /** Looks at orders, on connections that whoever looks can't take from orders. @default orders */
  reads?: Pick<OrderStore, 'getOrder'>
  cart: Pick<CartStore, 'list' | 'get' | 'put' | 'remove'>
  runs: Pick<OrderRuns, 'start' | 'attach' | 'outcome' | 'progress'>
  rowless: Pick<RowlessOrders, 'add' | 'remove'>
  /** The express lane; without it each request starts a run of its own. */
  lane?: Pick<OrderBatches, 'take'>
  /** Whether the inventory honours the order number. */
  keyed: boolean
  onOrderEnd?: NonNullable<IntakeParts['onOrderEnd']>
  /** Milliseconds that `POST /orders` waits for its order before it answers 202. */
  waitMs: number
  /** Milliseconds that a request may take to arrive whole. @default 10000 */
  requestWithinMs?: number
  /** Connections at the same time; one more is closed unheard. @default 2500 */
  maxConnections?: number
  /** The web UI's page of a run, where there is a web UI. */
  runUrl?: (workflowId: string) => string
  log: FastifyBaseLogger
}

/** The HTTP front door, not yet listening. `stop` drains it: see drain.ts. */
export async function createApp(parts: AppParts): Promise<{ app: FastifyInstance; stop: () => Promise<void> }> {
  const { requestWithinMs = 10_000, maxConnections = 2_500 } = parts
  const app = Fastify({
    loggerInstance: parts.log,
    // No line per request: the metrics count them, and a request's own words are personal data.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    return503OnClosing: false,
    requestTimeout: requestWithinMs,
    // Node goes by the longer of the two, which would be its default of a minute.
    http: { headersTimeout: Math.min(HEAD_WITHIN_MS, requestWithinMs), connectionsCheckingInterval: LATE_EVERY_MS },
    frameworkErrors: sendProblem,
    clientErrorHandler: answerUnreadable,
  })
  app.server.maxConnections = maxConnections
  const admission = new Admission(parts)
  const intake = new OrderIntake({ ...parts, admission })
  const drain = new Drain(() => intake.cutWaits())

  acceptJsonAlone(app)
  app.setErrorHandler(sendProblem)
  drain.watch(app)
  measureRequests(app, parts.registry)
  admission.measureIn(parts.registry)
  traceRequests(app)
  answerUnserved(app)
  await serveDocs(app)
  serveOrders(app, intake, { ...parts, orders: parts.reads ?? parts.orders, runs: boundedRuns(parts.runs) })
  serveCart(app, parts.cart)
  serveOperations(app, { ...parts, admission, isDraining: () => drain.isDraining })
  await app.ready()
  return { app, stop: () => drain.stop(app) }
}

/** The schemas of the routes are documentation: neither do they judge what comes in, nor do they shape what goes out. */
function acceptJsonAlone(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Many clients announce JSON with a DELETE that has no body.
    if (body.length === 0) done(null, undefined)
    // Decoded all the same, it would be an order to an address that nobody wrote.
    else if (!isUtf8(body as Buffer)) done(invalidInput([{ field: '', problem: 'must be UTF-8' }]))
    else {
      const text = body.toString()
      void parse(request, text, (error, value) => {
        const doubled = error ? undefined : doubledMember(text)
        if (doubled === undefined) done(error, value)
        else done(invalidInput([{ field: printable(doubled), problem: THERE_TWICE }]))
      })
    }
  })
}
