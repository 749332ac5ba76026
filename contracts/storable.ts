/** A text as PostgreSQL takes it: without NUL and half characters, which it refuses, and no longer than that. */
export function storableText(text: string, atMost: number): string {
  return text.slice(0, atMost).replaceAll('\0', '').toWellFormed()
}

/** The same of all texts in what is to be stored as JSON. */
export function storableJson<T>(value: T): T {
  const texts = (_: string, one: unknown) => (typeof one === 'string' ? storableText(one, Number.POSITIVE_INFINITY) : one)
  return JSON.parse(JSON.stringify(value, texts)) as T
}
