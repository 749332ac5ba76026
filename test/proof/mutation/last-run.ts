/** Verdicts on all removals in one file. */
export interface FileVerdicts {
  file: string
  removed: number
  noticed: number
  /** Number of removals that were not noticed, for a reason that the list of safeguards gives. */
  survive: number
  /** Day of the run, as in 2026-11-29. */
  day: string
  /** Commit of the tree from which safeguards were removed. */
  commit: string
}

const HEAD = '| File | Removed | Noticed | Survive with a reason | Day | Commit |\n|---|---|---|---|---|---|'
const TABLE = /(?<=<!-- last run -->\n)[\s\S]*(?=<!-- \/last run -->)/
const ROW = /^\| `(.+)` \| (\d+) \| (\d+) \| (\d+) \| (.+) \| `(.+)` \|$/gm

/** The table of docs/mutations.md, the last row of which is their sum. */
export function tableOf(verdicts: readonly FileVerdicts[]): string {
  const rows = verdicts.map(
    ({ file, removed, noticed, survive, day, commit }) =>
      `| \`${file}\` | ${removed} | ${noticed} | ${survive} | ${day} | \`${commit}\` |`,
  )
  const sum = (of: 'removed' | 'noticed' | 'survive') => verdicts.reduce((total, one) => total + one[of], 0)
  return [HEAD, ...rows, `| all | ${sum('removed')} | ${sum('noticed')} | ${sum('survive')} | | |`, ''].join('\n')
}

/** The verdicts in a document. */
export function verdictsIn(doc: string): FileVerdicts[] {
  return [...(TABLE.exec(doc)?.[0] ?? '').matchAll(ROW)].map(
    ([, file = '', removed, noticed, survive, day = '', commit = '']) => ({
      file,
      removed: Number(removed),
      noticed: Number(noticed),
      survive: Number(survive),
      day,
      commit,
    }),
  )
}

/**
 * The document with what became of one more file.
 * @param files in the order of the rows; verdicts of others are left out
 */
export function withVerdicts(doc: string, verdicts: FileVerdicts, files: readonly string[]): string {
  const known = new Map([...verdictsIn(doc), verdicts].map((one) => [one.file, one]))
  return doc.replace(TABLE, () => tableOf(files.flatMap((file) => known.get(file) ?? [])))
}
