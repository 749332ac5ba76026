import { anyText, integerInQuery } from '../contracts/kinds.ts'
import { ifKnown, optional } from '../contracts/schema.ts'
import { type Cursor, cursorOf, type Place } from './cursor.ts'

const DEFAULT_LIMIT = 200

/** A page that is asked for. */
export interface AskedPage {
  /** Value of next of the page before. @default the beginning of the list */
  after?: string
  /** Rows of the page. @default 200 */
  limit?: number
}

/** The fields of a verb that lists page by page. @param maxLimit rows of the largest page */
export function pageFields<P extends Place>(cursor: Cursor<P>, maxLimit: number) {
  return {
    after: optional(cursor),
    limit: optional(integerInQuery(1, maxLimit), { default: DEFAULT_LIMIT }),
  }
}

/** Returns the page that is asked for, as the store takes it. */
export function pageOf<P extends Place>({ placeIn }: Cursor<P>, { after, limit = DEFAULT_LIMIT }: AskedPage) {
  return { after: after === undefined ? undefined : placeIn(after), limit }
}

/** The member `next` of a page. */
export const NEXT = ifKnown(
  anyText({ description: 'The value of after by which the next page follows; absent on the last one.' }),
)

/** Names the place behind which the next page begins, if there is one. */
export function nextOf({ next }: { next?: Place }): { next?: string } {
  return next ? { next: cursorOf(next) } : {}
}

/** The text of a page: what is on it, and how the next one is had. */
export function pageText(text: string, next: string | undefined): string {
  return next === undefined ? text : `${text}\n\nthere are more: --after ${next}`
}
