import type { Recipients } from '../recipients/recipients.ts'
import type { RecipientStore } from '../store/recipients/recipient-store.ts'
import { Refused } from './refused.ts'

/** Rows that one statement looks at, and locks at most. */
const AT_ONCE = 500

interface SealDeps {
  recipients: Pick<RecipientStore, 'recipientsInClear' | 'sealRows'>
  /** Absent if there are no keys to seal by. */
  sealing?: Pick<Recipients, 'sealFor'> | undefined
}

/**
 * Seals the recipients that stand in clear, some at a time beside running orders: those of before, those that were imported, those of Temporal clients. Cut
 * off, it is run again.
 * @throws Refused if there are no keys to seal by
 */
export async function sealRows({ recipients, sealing }: SealDeps): Promise<string> {
  if (!sealing) throw new Refused("recipients can't be sealed: set RECIPIENT_KEYS_FILE")
  let done = 0
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { orders, last } = await recipients.recipientsInClear({ after, atMost: AT_ONCE })
    const sealed = await Promise.all(
      orders.map(async (order) => ({ orderSn: order.orderSn, sealed: await sealing.sealFor(order, order.recipient) })),
    )
    if (sealed.length > 0) done += await recipients.sealRows(sealed)
    after = last
  }
  return `${done} recipients that stood in clear are sealed; histories, backups and write-ahead logs of before still hold them in clear`
}
