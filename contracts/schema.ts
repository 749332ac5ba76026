import { doubledIn, Unreadable } from './as-received.ts'
import { InputProblems, printable, THERE_TWICE } from './input-problems.ts'

/**
 * A body is described once, as a table of its fields. Its type, its check and what the OpenAPI document says of it follow from the table;
 * so do the fingerprint of an order request and the way an answer is written. Why this is code of our own:
 * docs/adr/0015-one-schema-a-body.md.
 */

/** JSON Schema 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A kind of value. */
export interface Schema<T> {
  /** Description for the OpenAPI document, by which answers are written as well. */
  readonly json: JsonSchema
  /**
   * Checks a value.
   * @param path of the value within the input, such as `lines[2].num`; `''` is the input itself
   * @param problems takes all that is wrong with it; what is returned is good only if nothing was
   */
  read(value: unknown, path: string, problems: InputProblems): T
}

/** A field that may be absent. */
interface Optional {
  readonly optional: true
}

export type Fields = Readonly<Record<string, Schema<unknown>>>

/** An object, inline in the document. */
interface ObjectSchema<F extends Fields> extends Schema<Shape<F>> {
  readonly fields: F
}

/** An object that the document names. */
export interface Body<F extends Fields> extends ObjectSchema<F> {
  /** Its key in `components.schemas`. */
  readonly name: string
  readonly definition: JsonSchema
}

interface ListSchema<T> extends Schema<T[]> {
  readonly item: Schema<T>
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
export function optional<T>(schema: Schema<T>, words: JsonSchema = {}): Schema<T> & Optional {
  const json =
    '$ref' in schema.json ? { anyOf: [schema.json, { type: 'null' }] } : { ...schema.json, type: [schema.json.type, 'null'] }
  return { ...schema, json: { ...json, ...words }, optional: true }
}

/** A field of an answer that is left out if there is nothing to say. */
export function ifKnown<T>(schema: Schema<T>): Schema<T> & Optional {
  return { ...schema, optional: true }
}

/**
 * An object by its fields: what its table has not is refused where it comes in, and is not written where it goes out.
 * @param words what the document says beside the fields
 * @param must the problem of what is no object
 */
export function body<F extends Fields>(name: string, fields: F, words: JsonSchema = {}, must = 'must be a JSON object'): Body<F> {
  return { name, fields, json: { $ref: `${name}#` }, definition: { ...jsonOf(fields), ...words }, read: readerOf(fields, must) }
}

/** Parameters of a path, of a query or of a head: an object without a name. */
export function parameters<F extends Fields>(fields: F): ObjectSchema<F> {
  return { fields, json: jsonOf(fields), read: readerOf(fields, 'must be there') }
}

/** A list of an answer. */
export function list<T>(item: Schema<T>, words: JsonSchema = {}): ListSchema<T> {
  return {
    item,
    json: { type: 'array', items: item.json, ...words },
    read(value, path, problems) {
      if (Array.isArray(value)) return value.map((one, i) => item.read(one, `${path}[${i}]`, problems))
      problems.add(path, 'must be a list')
      return []
    },
  }
}

/** A list of a request. @param must the problem of what is no list, is empty or has more than `max` items */
export function listOfAtMost<T>(max: number, item: Schema<T>, must: string): Schema<T[]> {
  const items = list(item, { minItems: 1, maxItems: max })
  return {
    json: items.json,
    read(value, path, problems) {
      if (Array.isArray(value) && value.length > 0 && value.length <= max) return items.read(value, path, problems)
      problems.add(path, must)
      return []
    },
  }
}

/** Returns the objects within a schema that the document names, itself included. */
export function bodiesIn(schema: Schema<unknown>): Body<Fields>[] {
  if ('item' in schema) return bodiesIn(schema.item as Schema<unknown>)
  if (!('fields' in schema)) return []
  const within = Object.values(schema.fields as Fields).flatMap(bodiesIn)
  return 'definition' in schema ? [schema as Body<Fields>, ...within] : within
}

/** Reports whether a value is what a schema describes, by the rules of any time. */
export function matches(schema: Schema<unknown>, value: unknown): boolean {
  const problems = new InputProblems()
  schema.read(value, '', problems)
  return problems.count === 0
}

/** Reports whether an optional field was sent: null counts as absent. */
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

function readerOf<F extends Fields>(fields: F, must: string): Schema<Shape<F>>['read'] {
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
