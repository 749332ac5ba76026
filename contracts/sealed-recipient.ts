import { anyText } from './kinds.ts'
import type { Schema } from './schema.ts'

/** Characters of the longest one: a recipient has at most 1,132, of four bytes each. */
const MAX_SEALED_LENGTH = 8_000
/** Version of the form, id of the data key, and base64url of what it encrypted. */
const FORM = /^s1\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[A-Za-z0-9_-]{38,}$/

/** A recipient, encrypted by the data key of the order's user (recipients/seal.ts). */
export const SEALED_RECIPIENT: Schema<string> = {
  json: anyText({ pattern: FORM.source, maxLength: MAX_SEALED_LENGTH }).json,
  read(value, path, problems) {
    if (typeof value !== 'string' || value.length > MAX_SEALED_LENGTH || !FORM.test(value)) {
      problems.add(path, 'must be a sealed recipient')
    }
    return value as string
  },
}

/** Id of the data key by which a recipient is sealed; `undefined` if the text is no sealed recipient. */
export function dataKeyIdIn(sealed: string): string | undefined {
  return FORM.exec(sealed)?.[1]
}
