import { doubledIn, Unreadable } from './as-received.ts'
import { type InputProblems, printable, THERE_TWICE } from './input-problems.ts'

/**
 * A body is described once, as a table of its fields. Its type, what the OpenAPI document says of it and, if it is sent to us, its check
 * follow from the table; so do the fingerprint of an order request and the way an answer is written. Why this is code of our own:
 * docs/adr/0015-one-schema-a-body.md.
 */

/** JSON Schema 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A kind of value. */
export interface Schema<T> {
  /** What the OpenAPI document says of it, and what answers are written by. */
  readonly json: JsonSchema
  /** For the compiler alone: never set. */
  readonly type?: T
}

/** A kind of value that somebody sends. */
export interface Checked<T> extends Schema<T> {
  /**
   * Checks a value.
   * @param path of the value within the input, such as `lines[2].num`; `''` is the input itself
   * @param problems takes all that is wrong with it; what is returned is good only if nothing was
   */
  read(value: unknown, path: string, problems: InputProblems): T
}

interface Optional {
  readonly optional: true
}

export type Fields = Readonly<Record<string, Schema<unknown>>>
type CheckedFields = Readonly<Record<string, Checked<unknown>>>

/** An object, inline in the document. */
interface ObjectSchema<F extends Fields> extends Schema<Shape<F>> {
  readonly fields: F
}

/** An object that the document names (`components.schemas`). */
export interface Named {
  readonly name: string
  readonly definition: JsonSchema
}

/** The type of the values that a schema describes. */
export type TypeOf<S> = S extends Schema<infer T> ? T : never

type Shape<F extends Fields> = Flat<
  { [Name in keyof F as F[Name] extends Optional ? never : Name]: TypeOf<F[Name]> } & {
    [Name in keyof F as F[Name] extends Optional ? Name : never]?: TypeOf<F[Name]>
  }
>
type Flat<T> = { [Name in keyof T]: T[Name] }

/** A field of a request that may be left out, or null: some languages send what is not there so. */
export function optional<T>(schema: Checked<T>, words: JsonSchema = {}): Checked<T> & Optional {
  return { ...schema, json: { ...schema.json, type: [schema.json.type, 'null'], ...words }, optional: true }
}

/** A field of an answer that is left out if there is nothing to say. */
export function ifKnown<T>(schema: Schema<T>): Schema<T> & Optional {
  return { json: schema.json, optional: true }
}

/** An object of an answer. @param words what the document says beside its fields */
export function answer<F extends Fields>(name: string, fields: F, words: JsonSchema = {}): ObjectSchema<F> & Named {
  return { name, fields, json: { $ref: `${name}#` }, definition: { ...jsonOf(fields), ...words } }
}

/**
 * An object that is sent to us: fields that its table has not are refused.
 * @param words what the document says beside its fields
 * @param must its problem if it is no object
 */
export function request<F extends CheckedFields>(
  name: string,
  fields: F,
  words: JsonSchema = {},
  must = 'must be a JSON object',
): ObjectSchema<F> & Named & Checked<Shape<F>> {
  return { ...answer(name, fields, words), read: readerOf(fields, must) }
}

/** Parameters of a path, of a query or of a head: an object without a name. */
export function parameters<F extends CheckedFields>(fields: F): ObjectSchema<F> & Checked<Shape<F>> {
  return { fields, json: jsonOf(fields), read: readerOf(fields, 'must be there') }
}

/** A list within an answer. */
export function list<T>(item: Schema<T>, words: JsonSchema = {}): Schema<T[]> {
  return { json: { type: 'array', items: item.json, ...words } }
}

/** A list that is sent to us. @param must its problem if it is no list, empty or too long */
export function listOfAtMost<T>(max: number, item: Checked<T>, must: string): Checked<T[]> {
  return {
    json: { type: 'array', items: item.json, minItems: 1, maxItems: max },
    read(value, path, problems) {
      if (Array.isArray(value) && value.length > 0 && value.length <= max) {
        return value.map((one, i) => item.read(one, `${path}[${i}]`, problems))
      }
      problems.add(path, must)
      return []
    },
  }
}

/** Whether an optional field was sent: null counts as absent. */
export function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

function jsonOf(fields: Fields): JsonSchema {
  const all = Object.entries(fields)
  const required = all.filter(([, field]) => !isOptional(field)).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(all.map(([name, { json }]) => [name, json])),
    ...(required.length > 0 && { required }),
  }
}

function readerOf<F extends CheckedFields>(fields: F, must: string): Checked<Shape<F>>['read'] {
  const all = Object.entries(fields)
  return (value, path, problems) => {
    const read: Record<string, unknown> = {}
    if (!isRecord(value) || value instanceof Unreadable) {
      problems.add(path, value instanceof Unreadable ? value.problem : must)
      return read as Shape<F>
    }
    const doubled = path === '' ? doubledIn(value) : undefined
    if (doubled !== undefined) problems.addOfToday(printable(doubled), THERE_TWICE)
    const prefix = path && `${path}.`
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(fields, name)) problems.add(`${prefix}${printable(name)}`, 'is not known')
    }
    for (const [name, field] of all) {
      if (isOptional(field) && !isThere(value[name])) continue
      read[name] = field.read(value[name], `${prefix}${name}`, problems)
    }
    return read as Shape<F>
  }
}

function isOptional(field: Schema<unknown>): boolean {
  return 'optional' in field
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}
