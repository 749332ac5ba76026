/**
 * Characters that a terminal may obey, or that change how the text around them looks: control characters, escape sequences among them, the marks that turn
 * the direction of a text or are not seen, and half characters.
 */
const OBEYED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * A text that others wrote, on one line and as it may be shown on a terminal or written into a log: whatever would be obeyed there is shown by
 * its number, as JSON writes it, so that a JSON document stays what it is.
 */
export function shownText(text: string): string {
  return text.replace(OBEYED, (one) =>
    Array.from({ length: one.length }, (_, i) => `\\u${one.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  )
}

/** The same of a text of several lines that are ours. */
export function shownLines(text: string): string {
  return text.split('\n').map(shownText).join('\n')
}
