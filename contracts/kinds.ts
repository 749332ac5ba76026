import type { InputProblems } from './input-problems.ts'
import { MAX_ID, MAX_QUANTITY, MAX_REQUEST_ID_LENGTH } from './limits.ts'
import type { JsonSchema, Schema } from './schema.ts'

/** The kinds of values that bodies are made of. */

/** An id as it is on the wire: int32, positive. */
export const ID: Schema<number> = integerFrom1To(MAX_ID)

/** Range of the pieces of one goods. */
export const QUANTITY: Schema<number> = integerFrom1To(MAX_QUANTITY)

/** Reports whether a value can be an id on the wire: int32, positive. */
export function isId(value: unknown): value is number {
  return isFrom1To(MAX_ID, value)
}

/** Reports whether a value can be the quantity of a line. */
export function isQuantity(value: unknown): value is number {
  return isFrom1To(MAX_QUANTITY, value)
}

function integerFrom1To(maximum: number): Schema<number> {
  return {
    json: { type: 'integer', minimum: 1, maximum },
    read(value, path, problems) {
      if (!isFrom1To(maximum, value)) problems.add(path, `must be an integer from 1 to ${maximum}`)
      return value as number
    },
  }
}

function isFrom1To(maximum: number, value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= maximum
}

/**
 * Characters that a person can see: neither space nor mark, nor what is there for the layout alone; and no empty Braille cell.
 */
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u

/** One line that a person can read. @param max in characters, whatever a character takes */
export function lineOfText(max: number): Schema<string> {
  return {
    json: {
      ...{ type: 'string', pattern: '\\S', minLength: 1, maxLength: max },
      description: 'Not blank to a person, without control characters and line breaks.',
    },
    read(value, path, problems) {
      if (!isText(value, 1, max) || value.trim() === '') problems.add(path, `must be a text of 1 to ${max} characters`)
      else if (isWellFormed(value, path, problems)) {
        if (!VISIBLE.test(value)) problems.addOfToday(path, 'must have a character that can be seen')
        else if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) {
          problems.addOfToday(path, 'must have no control characters or line breaks')
        }
      }
      return value as string
    },
  }
}

/** A text of any number of lines, none included. @param max in characters, whatever a character takes */
export function linesOfText(max: number): Schema<string> {
  return {
    json: { type: 'string', maxLength: max },
    read(value, path, problems) {
      if (!isText(value, 0, max)) problems.add(path, `must be a text of 0 to ${max} characters`)
      else if (isWellFormed(value, path, problems) && /(?![\t\n\r])\p{Cc}/u.test(value)) {
        problems.addOfToday(path, 'must have no control characters but tabs and line breaks')
      }
      return value as string
    },
  }
}

function isText(value: unknown, min: number, max: number): value is string {
  if (typeof value !== 'string') return false
  const characters = [...value].length
  return characters >= min && characters <= max
}

function isWellFormed(text: string, path: string, problems: InputProblems): boolean {
  const isSound = !text.includes('\0') && text.isWellFormed()
  if (!isSound) problems.add(path, 'must be well-formed Unicode without NUL')
  return isSound
}

/** Description of a valid idempotency key. */
export const REQUEST_ID_IS = `must be 1 to ${MAX_REQUEST_ID_LENGTH} printable ASCII characters, not spaces alone`

/** An idempotency key. */
export const REQUEST_ID: Schema<string> = {
  json: {
    ...{ type: 'string', pattern: '^[ -~]+$', minLength: 1, maxLength: MAX_REQUEST_ID_LENGTH },
    description:
      'Names the order, per user and for ever: the same request under the same key is the same order. Choose a random one: it stands in ids that nothing encrypts.',
  },
  read(value, path, problems) {
    if (!isRequestId(value)) problems.add(path, REQUEST_ID_IS)
    else if (value.trim() === '') problems.addOfToday(path, REQUEST_ID_IS)
    return value as string
  },
}

/** Reports whether a value can be an idempotency key: printable ASCII, space included. */
export function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_REQUEST_ID_LENGTH && /^[\x20-\x7e]+$/.test(value)
}

/** Yes or no. */
export function flag(words: JsonSchema = {}): Schema<boolean> {
  return {
    json: { type: 'boolean', ...words },
    read(value, path, problems) {
      if (typeof value !== 'boolean') problems.add(path, 'must be true or false')
      return value as boolean
    },
  }
}
export const FLAG = flag()

/** A moment of an answer: ISO 8601, UTC. */
export const INSTANT = anyText({ format: 'date-time' })

/** A text of an answer. */
export function anyText(words: JsonSchema = {}): Schema<string> {
  return {
    json: { type: 'string', ...words },
    read(value, path, problems) {
      if (typeof value !== 'string') problems.add(path, 'must be a text')
      return value as string
    },
  }
}

/** A whole number of an answer. */
export function anyInteger(words: JsonSchema = {}): Schema<number> {
  return {
    json: { type: 'integer', ...words },
    read(value, path, problems) {
      if (!Number.isSafeInteger(value)) problems.add(path, 'must be an integer')
      return value as number
    },
  }
}

/** A number of an answer. */
export function anyNumber(words: JsonSchema = {}): Schema<number> {
  return {
    json: { type: 'number', ...words },
    read(value, path, problems) {
      if (!Number.isFinite(value)) problems.add(path, 'must be a number')
      return value as number
    },
  }
}

/** An integer as a query has it: a text. */
export function integerInQuery(minimum: number, maximum: number): Schema<number> {
  return {
    json: { type: 'integer', minimum, maximum },
    read(value, path, problems) {
      const read = /^\d{1,15}$/.test(String(value)) ? Number(value) : Number.NaN
      if (!(read >= minimum && read <= maximum)) problems.add(path, `must be an integer from ${minimum} to ${maximum}`)
      return read
    },
  }
}

/** One of the values of a list that may grow. No enum: a client that was generated from one would fail at the first new value. */
export function oneOf<const Known extends string>(known: readonly Known[], description: string): Schema<Known> {
  return anyText({
    description: `${description} Known values are the examples; a client has to take others too.`,
    examples: known,
  }) as Schema<Known>
}
