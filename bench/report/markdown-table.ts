export interface MarkdownColumn<Row> {
  head: string
  /** Numbers stand right. */
  right?: true
  of: (row: Row) => string
}

/** Rows below their heads as a Markdown table that is also readable as it is. */
export function markdownTable<Row>(columns: readonly MarkdownColumn<Row>[], rows: readonly Row[]): string {
  const aligned = columns.map(({ head, right, of }) => {
    const cells = [head, ...rows.map(of)]
    const width = Math.max(...cells.map(({ length }) => length))
    const [first = '', ...others] = cells.map((cell) => (right ? cell.padStart(width) : cell.padEnd(width)))
    return [` ${first} `, `${'-'.repeat(width + 1)}${right ? ':' : '-'}`, ...others.map((cell) => ` ${cell} `)]
  })
  return [...Array(rows.length + 2).keys()].map((i) => `|${aligned.map((cells) => cells[i]).join('|')}|`).join('\n')
}
