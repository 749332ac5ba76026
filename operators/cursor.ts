import { matches, type Schema } from '../contracts/schema.ts'

/** A place in a list that comes page by page: whatever its rows are ordered by, as the last row of a page has it. */
export type Place = readonly (string | number | boolean)[]

/** The query parameter `after`: a place as `next` names it. It is no number to reckon with: base64. */
export interface Cursor<P extends Place> extends Schema<string> {
  /** Returns the place in a text that this schema has read. */
  placeIn(cursor: string): P
}

/** A moment as PostgreSQL counts it: microseconds since 1970, an integer as text. */
export const MICROS: Schema<string> = {
  json: { type: 'string' },
  read(value, path, found) {
    if (typeof value !== 'string' || !/^\d{1,18}$/.test(value)) found.add(path, 'must be microseconds since 1970')
    return value as string
  },
}

/** A text that the store may have. */
export const STORED_TEXT: Schema<string> = {
  json: { type: 'string' },
  read(value, path, found) {
    const isStorable = typeof value === 'string' && !value.includes('\0') && value.isWellFormed()
    if (!isStorable) found.add(path, 'must be a text without NUL')
    return value as string
  },
}

/** Makes the cursor of a list. @param members the schemas of a place's members */
export function cursor<const P extends Place>(...members: { readonly [I in keyof P]: Schema<P[I]> }): Cursor<P> {
  const placeIn = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as P
  return {
    json: { type: 'string', description: 'Value of next of the page before; without it the list is read from its beginning.' },
    read(value, path, found) {
      if (typeof value !== 'string' || !isPlace(value)) found.add(path, 'must be what next says on the page before')
      return value as string
    },
    placeIn,
  }

  function isPlace(text: string): boolean {
    const place = parsed(text)
    if (!Array.isArray(place) || place.length !== members.length || cursorOf(place) !== text) return false
    return members.every((member: Schema<unknown>, i) => matches(member, place[i]))
  }

  function parsed(text: string): unknown {
    try {
      return placeIn(text)
    } catch {
      return undefined
    }
  }
}

/** Writes a place as `next` of a page has it. */
export function cursorOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}
