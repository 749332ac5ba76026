/** A text as Temporal's visibility queries take it: what would end it there, or escape its end, is escaped. */
export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
