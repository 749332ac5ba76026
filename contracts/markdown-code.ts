/** Characters that end a piece of code or the cell of a table, and those that a line is not to hold. */
const ENDS_CODE = /[`|\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * A text that others wrote, as Markdown shows it: as code, in which nothing becomes a link, an image or markup. The few characters by which it
 * could end there are replaced, since not every reader of Markdown knows them escaped.
 */
export function markdownCode(text: string): string {
  return text.trim() === '' ? '' : `\`${text.replace(ENDS_CODE, '\uFFFD')}\``
}
