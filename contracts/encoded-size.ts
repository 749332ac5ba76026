const UTF_8 = new TextEncoder()

/** Bytes of a value as a payload holds it: JSON in UTF-8, in which one character may take six. */
export function encodedBytes(value: unknown): number {
  return UTF_8.encode(JSON.stringify(value)).length
}
