import type { RecipientStore } from '../store/recipients/recipient-store.ts'
import type { Operator } from './operator-deps.ts'
import { Refused } from './refused.ts'

/**
 * Erases the recipients of a user's orders, for good. Again, it finds nothing.
 * @param options.paidToo true: orders that are paid and not finished lose theirs as well
 * @throws Refused if an order of theirs needs its recipient; nothing is changed then
 */
export async function eraseRecipients(
  { recipients }: { recipients: Pick<RecipientStore, 'eraseRecipients'> },
  userId: number,
  { paidToo, ...operator }: Operator & { paidToo: boolean },
): Promise<string> {
  const erased = await recipients.eraseRecipients({ userId, paidToo, ...operator })
  switch (erased.kind) {
    case 'unsettled':
      throw new Refused(
        `the recipients of user ${userId} can't be erased: orders that are not done need theirs (${erased.orderSns.join(', ')}); finish or cancel these first${paidToo ? '' : ', or add --paid-too for those that are paid and not finished'}`,
      )
    case 'nothing':
      return `user ${userId} has no recipients that could be erased`
    case 'erased': {
      const { kek, inClear } = erased
      const sealed =
        kek === undefined
          ? ''
          : `; backups and WAL of before hold the user's key, wrapped by ${kek}: it is of no use to anybody once that key is gone (rewrap)`
      const clear = inClear === 0 ? '' : `; ${inClear} orders had theirs in clear, which backups and histories of before still do`
      return `the recipients of user ${userId} are erased${clear}${sealed}`
    }
  }
}
