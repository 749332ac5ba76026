import { alignedColumns, type Column } from '../../operators/text-table.ts'

/** Rows below their heads as a Markdown table that is also readable as it is; columns in which nothing stands are left out. */
export function markdownTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const aligned = alignedColumns(columns, rows).map(({ right, width, cells: [head = '', ...others] }) => [
    ` ${head} `,
    `${'-'.repeat(width + 1)}${right ? ':' : '-'}`,
    ...others.map((cell) => ` ${cell} `),
  ])
  return [...Array(rows.length + 2).keys()].map((i) => `|${aligned.map((cells) => cells[i]).join('|')}|`).join('\n')
}
