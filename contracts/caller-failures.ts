import type { FailureRow } from './failure-row.ts'

/** A refusal of an order is final for its key. */
const again = 'send the request again with a new idempotency key'

/** The failures that are about who calls, and how much: rows of the one table (failures.ts). */
export const CALLER_FAILURES = {
  Unauthenticated: {
    code: 10038,
    grpc: 'UNAUTHENTICATED',
    http: 401,
    retried: false,
    raisedBy: 'both front doors (AUTH=jwt, AUTH=mtls)',
    title: 'Who the caller is could not be made out',
    advice: 'send a token of the issuer in Authorization: Bearer; with the right one this request may be sent as it is',
  },
  Forbidden: {
    code: 10039,
    grpc: 'PERMISSION_DENIED',
    http: 403,
    retried: false,
    raisedBy: 'both front doors (AUTH=jwt, AUTH=mtls)',
    title: 'The caller may not do this',
    advice: 'a customer may only name their own user id; for others the token needs the scope that this route asks for',
  },
  MisdirectedRequest: {
    code: 10040,
    grpc: 'INVALID_ARGUMENT',
    http: 421,
    retried: false,
    raisedBy: 'the HTTP starter',
    title: 'The request was meant for another host',
    advice: 'call the starter by one of its own names, or add the name to HTTP_HOSTS',
  },
  TooManyRequests: {
    code: 10041,
    grpc: 'RESOURCE_EXHAUSTED',
    http: 429,
    retried: false,
    raisedBy: 'both front doors',
    retryAfter: true,
    title: 'This caller sends too many requests',
    advice: 'send it again after the time in Retry-After, as it is, and fewer of them a second',
  },
  VerbRefused: {
    code: 10045,
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    retried: false,
    raisedBy: 'the verbs of operators over HTTP',
    title: 'The order stands in the way of what an operator asks',
    advice: 'look at the order; detail says what can be done instead',
  },
  UnpaidOrdersLimit: {
    code: 10042,
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    retried: false,
    raisedBy: 'openOrder',
    title: 'This user has too many unpaid orders, or too much to pay',
    advice: `pay or cancel one of them, or wait until one is closed at its deadline; then ${again}`,
  },
  UnpaidPiecesLimit: {
    code: 10043,
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    retried: false,
    raisedBy: 'openOrder',
    title: 'This user would hold too many pieces without having paid them',
    advice: `order fewer pieces with a new idempotency key; or pay or cancel another order, then ${again}`,
  },
} as const satisfies Record<string, FailureRow>
