import { type Bound, bound } from '../bound.ts'
import type { Database } from '../database.ts'
import { addDataKey, dataKeys, dataKeysNotWrappedBy, rewrapDataKeys } from './data-keys.ts'
import { eraseRecipients } from './erase-recipients.ts'
import { logRecipientRead } from './log-recipient-read.ts'
import { recipientsInClear, sealRows } from './seal-rows.ts'

/** All that the store does with the recipients of orders and their keys, beside the orders' rows. */
const FUNCTIONS = {
  dataKeys,
  addDataKey,
  dataKeysNotWrappedBy,
  rewrapDataKeys,
  eraseRecipients,
  logRecipientRead,
  recipientsInClear,
  sealRows,
}

export type RecipientStore = Bound<typeof FUNCTIONS>

/** The keys of recipients in a database, and the record of who read or erased them. */
export function recipientStore(db: Database): RecipientStore {
  return bound(db, FUNCTIONS)
}
