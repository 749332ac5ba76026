import { shownText } from '../contracts/shown-text.ts'

export interface Column<Row> {
  head: string
  /** Numbers stand right. */
  right?: true
  of: (row: Row) => string | number | undefined
}

/** Cells of one column, its head first, all of one width. */
export interface AlignedColumn {
  right: boolean
  width: number
  cells: string[]
}

/** Rows below their heads, each on one line whatever stands in it; columns in which nothing stands are left out. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const aligned = alignedColumns(columns, rows)
  const lines = [...Array(rows.length + 1).keys()].map((i) =>
    aligned
      .map(({ cells }) => cells[i])
      .join('  ')
      .trimEnd(),
  )
  return lines.join('\n')
}

/** The same by columns, for a table of another form. */
export function alignedColumns<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): AlignedColumn[] {
  return columns
    .map(({ head, right = false, of }) => ({ right, cells: [head, ...rows.map((row) => shownText(String(of(row) ?? '')))] }))
    .filter(({ cells }) => cells.slice(1).some(Boolean))
    .map(({ right, cells }) => {
      const width = Math.max(...cells.map(({ length }) => length))
      return { right, width, cells: cells.map((cell) => (right ? cell.padStart(width) : cell.padEnd(width))) }
    })
}
