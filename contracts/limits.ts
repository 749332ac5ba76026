/** Distinct goods in one order. */
export const MAX_LINES = 1_000
/** Pieces of one goods in one order. */
export const MAX_QUANTITY = 9_999
/** Printable ASCII characters of a request id (`Idempotency-Key`). */
export const MAX_REQUEST_ID_LENGTH = 128
/** Characters of the name of a payment service, and of a payment's number there. */
export const MAX_PROVIDER_LENGTH = 64
export const MAX_PAYMENT_ID_LENGTH = 128
/** Characters of a reason for a cancellation. */
export const MAX_REASON_LENGTH = 200
/** Characters of a caller's subject that are kept: as many as OpenID Connect allows one. */
export const MAX_SUBJECT_LENGTH = 255
/** Characters of an address. */
export const MAX_ADDRESS_LENGTH = 500
/** Characters of a recipient's name. */
export const MAX_NAME_LENGTH = 100
/** Characters of a recipient's phone number. */
export const MAX_MOBILE_LENGTH = 32
/** Characters of the note to the seller (`post`). */
export const MAX_POST_LENGTH = 500
/**
 * Encoded bytes of what one step of an order answers, and of the order itself. Beyond 2 MiB a workflow task fails, again and again, and
 * beyond 4 MiB for all that it reports at once.
 */
export const MAX_RESULT_BYTES = 900_000
/** Bytes of the name, and of the image, of one goods; of many together `fitTexts` keeps less. */
export const MAX_GOODS_TEXT_BYTES = 1_000
/** Orders that one sweep settles; the next sweep goes on. */
export const MAX_SWEPT = 200
/** Orders that one statement closes, and that one run of `giveBackOrders` is given. */
export const MAX_CLOSED_TOGETHER = 500
/** Ids are int32 on the wire (proto/), and positive. */
export const MAX_ID = 2_147_483_647
/** Maximum number of ids in one BatchGetGoods call (docs/origin.md). */
export const MAX_BATCH_SIZE = 100
