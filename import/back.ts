import type { MovedHere } from '../store/imported/moved-here.ts'
import type { HighestIds } from '../store/imported/raise-ids.ts'

/**
 * Statements for the source's database, by which it goes on where this service leaves off: ids above those that were given here, and what became
 * here of its own orders.
 * @param next ids that the next rows would get here
 */
export async function* backSql(next: HighestIds, moved: AsyncIterable<MovedHere>): AsyncGenerator<string> {
  yield `alter table order_info auto_increment = ${next.orders};`
  yield `alter table order_goods auto_increment = ${next.orderLines};`
  yield `alter table shopping_cart auto_increment = ${next.cartItems};`
  for await (const { id, status, updatedAt, paidAt, deletedAt, paymentId } of moved) {
    const changed = { status, updated_at: updatedAt, pay_time: paidAt, trade_no: paymentId, deleted_at: deletedAt }
    const set = Object.entries(changed).flatMap(([column, value]) => (value === null ? [] : [`${column} = ${quoted(value)}`]))
    yield `update order_info set ${set.join(', ')} where id = ${id};`
  }
}

/** A text as a literal of MySQL, whatever its SQL mode makes of a backslash. */
function quoted(text: string): string {
  return /^[\w .:-]*$/.test(text) ? `'${text}'` : `cast(x'${Buffer.from(text).toString('hex')}' as char character set utf8mb4)`
}
