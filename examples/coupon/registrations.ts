/** An edit of a file of the product. */
export interface Registration {
  /** Path from the project's folder. */
  file: string
  /** Each text occurs once in the file; what is added stands before it. */
  edits: readonly { before: string; add: string }[]
}

/** All that a new participant needs outside its own folder: test/examples/coupon.test.ts makes these edits in a copy of the tree. */
export const REGISTRATIONS: readonly Registration[] = [
  {
    file: 'contracts/participants/list.ts',
    edits: [
      { before: "import { inventory } from './inventory.ts'", add: "import { coupon } from '../../examples/coupon/coupon.ts'\n" },
      { before: 'inventory] as const', add: 'coupon, ' },
    ],
  },
  {
    file: 'contracts/create-order.ts',
    edits: [{ before: '  /** Idempotency key, unique per user for ever.', add: '  coupon: optional(lineOfText(32)),\n' }],
  },
  {
    file: 'contracts/failures.ts',
    edits: [
      {
        before: '  InternalError: {',
        add: `  CouponRefused: {
    code: 10090,
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    retried: false,
    raisedBy: 'useCoupon',
    title: 'The coupon cannot be used',
    advice: \`take another coupon, or none, and order with \${newKey}\`,
  },
`,
      },
    ],
  },
  {
    file: 'config/settings.ts',
    edits: [
      {
        before: '  REQUIRE_TLS: {',
        add: "  COUPON_TARGET: { readBy: ['worker'], default: '127.0.0.1:8085', meaning: 'gRPC target of the coupon service', parse: target },\n",
      },
    ],
  },
  {
    file: 'composition/party-clients.ts',
    edits: [
      { before: 'import { GoodsClient }', add: "import { CouponClient } from '../examples/coupon/coupon-client.ts'\n" },
      { before: '    goods: new GoodsClient(', add: "    coupon: new CouponClient(callsTo('coupon', config.couponTarget)),\n" },
    ],
  },
]

/** The file's text with its registration. @throws Error if the file has changed so that an edit finds no place */
export function register(text: string, { file, edits }: Registration): string {
  return edits.reduce((edited, { before, add }) => {
    if (edited.split(before).length !== 2) throw new Error(`examples/coupon/registrations.ts: ${file} must have once: ${before}`)
    return edited.replace(before, () => `${add}${before}`)
  }, text)
}
