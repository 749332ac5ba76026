import { inFile } from '../mutation.ts'

const LIMITS = 'test/limits/caller-limits.test.ts'
const LINES = 'test/limits/sparing-log.test.ts'
const HTTP = 'test/api/caller-limits.test.ts'
const GRPC = 'test/rpc/caller-limits.test.ts'
const CAPS = 'test/store/user-caps.test.ts'

/** Lines that keep one caller, or one user, from what is there for all. */
export const LIMIT_SAFEGUARDS = [
  ...inFile(
    'limits/caller-limits.ts',
    [LIMITS],
    [
      {
        find: '`subject $',
        replace: '`address $',
        breaks: 'a subject that is called as an address takes the requests of whoever calls from there',
      },
      {
        find: 'networkOf(origin)',
        replace: 'origin',
        breaks: 'whoever has one IPv6 address has as many limits as it has addresses',
      },
      {
        find: '(behindGateway && origin === peer)',
        replace: 'behindGateway',
        breaks: 'behind a gateway one caller may send as many requests as all of them together',
      },
      { find: 'if (this.#held >= MAX_HELD) return', replace: '', breaks: 'refusals that are kept back take all memory' },
      {
        find: 'await this.#hold()\n    throw',
        replace: 'throw',
        breaks: 'a caller that sends the next request when it has an answer is refused as often as it can ask',
      },
      {
        find: '`probe $',
        replace: '`$',
        breaks: 'a flood of orders makes a balancer at the same address call the starter dead',
      },
      {
        find: 'proxies.originOf(peer, forwardedFor)',
        replace: 'peer',
        breaks: 'one caller behind a proxy keeps out all others behind it',
      },
    ],
  ),
  ...inFile(
    'limits/rate.ts',
    [LIMITS],
    [
      {
        find: 'if (this.#freeAt.size > this.#maxKeys) this.#forgetOldest()',
        replace: '',
        breaks: 'callers from many addresses take all memory',
      },
      {
        find: '    this.#freeAt.delete(key)\n    this.#freeAt.set',
        replace: '    this.#freeAt.set',
        breaks: 'a flood is forgotten, and begins anew, once there were enough other callers',
      },
      {
        find: 'isTaken ? freeAt : freeAt - this.#intervalMs',
        replace: 'freeAt',
        breaks: 'a caller that goes on asking is never served again',
      },
      {
        find: 'Math.max(this.#freeAt.get(key) ?? 0, now)',
        replace: '(this.#freeAt.get(key) ?? 0)',
        breaks: 'a caller that was quiet for a minute may send the requests of a minute at once',
      },
    ],
  ),
  ...inFile(
    'limits/trusted-proxies.ts',
    [LIMITS],
    [
      {
        find: 'while (this.trusts(origin))',
        replace: 'while (true as boolean)',
        breaks: 'a caller is whoever it says in X-Forwarded-For',
      },
      {
        find: 'if (before === undefined || isIP(before) === 0) return origin',
        replace: 'if (before === undefined) return origin',
        breaks: 'a caller behind a proxy has a limit for each word that it makes up',
      },
      {
        find: "address.replace(/^::ffff:(?=\\d+\\.)/i, '')",
        replace: 'address',
        breaks: 'a proxy on a socket that listens on both families is trusted in nothing: one caller keeps out all others',
      },
    ],
  ),
  ...inFile(
    'limits/sparing-log.ts',
    [LINES],
    [
      {
        find: 'if (last && now - last.at < QUIET_MS)',
        replace: 'if (false as boolean)',
        breaks: 'a flood of failures fills the disk',
      },
      {
        find: 'if (this.#kinds.size > MAX_KINDS && oldest !== undefined) this.#kinds.delete(oldest)',
        replace: 'void oldest',
        breaks: 'kinds of failures that strangers make up take all memory',
      },
    ],
  ),
  ...inFile(
    'api/guard.ts',
    [HTTP],
    [
      {
        find: "await limits?.admit('http', senderOf(request))",
        replace: 'void [limits, senderOf(request)]',
        breaks: 'one caller may send as many requests as it can',
      },
      {
        find: '    try {\n      await letThrough(request, reply)\n    } finally {',
        replace: '    await letThrough(request, reply)\n    {',
        breaks: 'whoever sends tokens that do not count may send as many as it can',
      },
    ],
  ),
  ...inFile(
    'rpc/answered.ts',
    [GRPC],
    [
      {
        find: "await limits?.admit('grpc', { caller: sender, ...originOf(call) })",
        replace: 'void [limits, originOf(call)]',
        breaks: 'one caller may send as many calls as it can',
      },
      {
        find: '      try {\n        sender = await authenticate({ authorization, ...(certificate && { certificate }) })\n      } finally {',
        replace: '      sender = await authenticate({ authorization, ...(certificate && { certificate }) })\n      {',
        breaks: 'whoever sends tokens that do not count may send as many as it can',
      },
    ],
  ),
  ...inFile(
    'store/open-orders.ts',
    [CAPS],
    [
      {
        find: ' and i.order_sn not in (select order_sn from over where why is not null)',
        replace: '',
        breaks: 'one user takes all stock, and pays nothing',
      },
      {
        find: 'when u.pieces + (select',
        replace: 'when (select',
        breaks: 'a user holds any number of unpaid pieces, in orders that are small enough',
      },
      {
        find: ' and not o.has_creating), ',
        replace: '), ',
        breaks: 'an order is refused for ever because of one that is being created, and may fail',
      },
    ],
  ),
  ...inFile(
    'store/open-orders.ts',
    ['test/workflows/unpaid-value.test.ts'],
    [
      {
        find: 'if (mayCost !== undefined) one.mayCost = mayCost',
        replace: '',
        breaks: 'the last order of a user may come to any value',
      },
    ],
  ),
  ...inFile(
    'store/migrations/0027-unpaid-of-each-user.ts',
    [CAPS],
    [
      {
        find: 'perform pg_advisory_xact_lock($',
        replace: 'perform ($',
        breaks: 'a user who orders twice at once holds more than a user may',
      },
      {
        find: "in ('CREATING', 'PAYING', 'WAIT_BUYER_PAY')",
        replace: "in ('PAYING', 'WAIT_BUYER_PAY')",
        breaks: 'an order that is being created is not counted, and is confirmed a moment later',
      },
      {
        find: "in ('CREATING', 'PAYING', 'WAIT_BUYER_PAY')",
        replace: "in ('CREATING', 'PAYING')",
        breaks: 'whoever begins to pay, and never does, takes all stock',
      },
    ],
  ),
]
