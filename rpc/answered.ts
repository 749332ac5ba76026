import { type handleUnaryCall, type Metadata, type ServerUnaryCall, status } from '@grpc/grpc-js'
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, type TextMapGetter, trace } from '@opentelemetry/api'
import type { Logger } from 'pino'
import { failureOf } from '../contracts/application-failure.ts'
import { ANYBODY, type Caller } from '../contracts/caller.ts'
import { FAILURES, failure } from '../contracts/failures.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { requireAccess } from '../identity/access.ts'
import type { Authenticate } from '../identity/authenticate.ts'
import type { CallerLimits, Sender } from '../limits/caller-limits.ts'
import type { SparingLog } from '../limits/sparing-log.ts'
import type { OrderServiceService } from '../proto/generated/order.ts'
import type { CallOutcome, measureCalls } from './call-metrics.ts'
import { METHOD_ACCESS } from './method-access.ts'
import { type Refusal, refusalError, refusalOf } from './refusal.ts'
import type { CallsInFlight } from './server/calls-in-flight.ts'
import type { Received } from './strict-requests.ts'
import type { OrderMethod } from './texts.ts'

const tracer = trace.getTracer('order-saga/rpc')

/** All that a method knows of the call beside its request. */
export interface Call {
  caller: Caller
  metadata: Metadata
  /** Moment at which the caller gives up, in milliseconds since the epoch; Infinity if it named none. */
  deadline: number
}

export interface CallDeps {
  log: Pick<Logger, 'warn' | 'error'>
  lines: SparingLog
  inFlight: CallsInFlight
  authenticate: Authenticate
  limits?: Pick<CallerLimits, 'admit'>
  onCall: ReturnType<typeof measureCalls>
}

/**
 * Makes a gRPC handler of a plain function: whatever the function throws is answered by the failure table, anything else is a defect, which goes to the log and
 * out as INTERNAL without a word of it. Requests are never logged: they name people.
 */
export function answered<Method extends OrderMethod>(
  method: Method,
  { log, lines, inFlight, authenticate, limits, onCall }: CallDeps,
  serve: (request: RequestOf<Method>, call: Call) => Promise<ResponseOf<Method>>,
): handleUnaryCall<Received<RequestOf<Method>>, ResponseOf<Method>> {
  const access = METHOD_ACCESS[method]
  // It may come from a contract that is newer than this table.
  if (!access) throw new Error(`the method ${method} declares no access (rpc/method-access.ts)`)
  return async (call, callback) => {
    const since = performance.now()
    const name = call.getPath().split('/').at(-1) ?? ''
    const caller = propagation.extract(ROOT_CONTEXT, call.metadata, FROM_METADATA)
    const attributes = { 'rpc.system': 'grpc', 'rpc.service': 'OrderService', 'rpc.method': name }
    const span = tracer.startSpan(`OrderService/${name}`, { kind: SpanKind.SERVER, attributes }, caller)
    let isServed = false

    /** Serves it in the caller's trace. */
    const answerOf = async () => {
      const { sslPeerCertificate: certificate } = call.getAuthContext()
      const authorization = call.metadata.get('authorization').map(String)
      let sender: Caller = ANYBODY
      try {
        sender = await authenticate({ authorization, ...(certificate && { certificate }) })
      } finally {
        // Who can't say who they are is counted as well. A call that is kept back here takes the place of none that is served.
        await limits?.admit('grpc', { caller: sender, ...originOf(call) })
      }
      requireAccess(sender, access)
      isServed = inFlight.enter()
      if (!isServed) throw failureOf(failure('ServiceUnavailable', 'too many calls are being served', { service: 'order-saga' }))
      const { message } = call.request
      if (message === undefined)
        throw invalidInput([{ field: '', problem: 'must be the message of this method, its texts UTF-8' }])
      return await serve(message, { caller: sender, metadata: call.metadata, deadline: Number(call.getDeadline()) })
    }
    try {
      const response = await context.with(trace.setSpan(caller, span), answerOf)
      end(status.OK, 'success')
      callback(null, response)
    } catch (error) {
      const { error: refused, failure: failed } = refusalOf(error, method) ?? defect(error, method, log, lines)
      const outcome = outcomeOf(failed.type)
      if (outcome === 'error' && failed.type !== 'InternalError') {
        const { service, said } = failed.details
        const fields = { method: name, failure: failed.type, said }
        lines.write(log, 'warn', `${name} ${failed.type} ${service}`, fields, failed.message)
      }
      end(refused.code, outcome)
      callback(refused)
    } finally {
      if (isServed) inFlight.leave()
    }

    function end(code: status, outcome: CallOutcome) {
      onCall({ method: name, code, outcome, seconds: (performance.now() - since) / 1_000 })
      span.setAttribute('rpc.grpc.status_code', code)
      if (outcome === 'error') span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    }
  }
}

function originOf(call: ServerUnaryCall<unknown, unknown>): Omit<Sender, 'caller'> {
  const peer = call.getPeer()
  return {
    peer: peer.slice(0, peer.lastIndexOf(':')).replace(/^\[|\]$/g, ''),
    forwardedFor: call.metadata.get('x-forwarded-for').map(String),
  }
}

type RequestOf<Method extends OrderMethod> = Parameters<(typeof OrderServiceService)[Method]['requestSerialize']>[0]
type ResponseOf<Method extends OrderMethod> = Parameters<(typeof OrderServiceService)[Method]['responseSerialize']>[0]

const FROM_METADATA: TextMapGetter<Metadata> = {
  keys: (metadata) => Object.keys(metadata.getMap()),
  get: (metadata, key) => metadata.get(key).map(String),
}

function defect(error: unknown, method: OrderMethod, log: CallDeps['log'], lines: SparingLog): Refusal {
  const { name } = error instanceof Error ? error : { name: typeof error }
  lines.write(log, 'error', `${method} ${name}`, { err: error, method }, 'a call failed unexpectedly')
  const failed = failure('InternalError', 'something unexpected happened')
  return { error: refusalError(failed, method), failure: failed }
}

function outcomeOf(type: Refusal['failure']['type']): CallOutcome {
  if (type === 'OrderPending') return 'open'
  return FAILURES[type].http >= 500 ? 'error' : 'refused'
}
