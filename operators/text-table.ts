export interface Column<Row> {
  head: string
  /** Numbers stand right. */
  right?: true
  of: (row: Row) => string | number | undefined
}

/** Rows below their heads; columns in which nothing stands are left out. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const filled = columns
    .map(({ head, right, of }) => ({ right, cells: [head, ...rows.map((row) => String(of(row) ?? ''))] }))
    .filter(({ cells }) => cells.slice(1).some(Boolean))
    .map(({ right, cells }) => ({ right, cells, width: Math.max(...cells.map(({ length }) => length)) }))
  const lines = [...Array(rows.length + 1).keys()].map((i) =>
    filled
      .map(({ right, cells, width }) => (right ? (cells[i] ?? '').padStart(width) : (cells[i] ?? '').padEnd(width)))
      .join('  ')
      .trimEnd(),
  )
  return lines.join('\n')
}
