import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { endAll } from '../../../support/on-end.ts'
import { quietRuntime } from '../../../support/workflow-runs.ts'
import { nameOf, someCells } from './cells.ts'
import { matrixTable } from './matrix-table.ts'
import type { CellResult } from './run-cell.ts'
import { runMatrix } from './run-matrix.ts'

/*
 * Every fault at every step of every lane, on real parts, and what became of each order:
 *
 *     npm run matrix
 *     npm run matrix -- --share 0.2 --seed 7
 *     npm run matrix -- --only 'sell|confirm'  # cells whose name this matches
 *     npm run matrix -- --write                # and the table of docs/failure-model.md anew
 *
 * Exit status 1 when an order leaked, doubled, got lost, or was lied about.
 */
const { values } = parseArgs({
  options: {
    share: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
})
const [share, seed] = [Number(values.share), Number(values.seed)]
if (!(share > 0 && share <= 1 && Number.isInteger(seed)))
  throw new Error('--share is above 0 and at most 1, --seed a whole number')
if (values.write && (share < 1 || values.only)) throw new Error('--write needs the whole matrix: leave --share and --only out')
const DOCUMENT = join(import.meta.dirname, '../../../../docs/failure-model.md')

// Leaving in order ends the stack; a signal alone would leave PostgreSQL and Temporal behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
quietRuntime()
const cells = someCells(share, seed).filter((cell) => new RegExp(values.only).test(nameOf(cell)))
console.log(`${cells.length} cells, --share ${share} --seed ${seed}`)
const begun = Date.now()
let done = 0
try {
  const results = await runMatrix(cells, (result) => console.log(progressLine(result, ++done)))
  const broken = results.filter(({ violations }) => violations.length > 0)
  console.log(`\n${matrixTable(results)}\n`)
  const seconds = ((Date.now() - begun) / 1_000).toFixed(0)
  const outline = `${results.length} cells, ${broken.length} broken, in ${seconds} s`
  console.log(`${outline}; --share ${share} --seed ${seed}`)
  if (broken.length > 0) process.exitCode = 1
  else if (values.write) {
    const today = new Date().toISOString().slice(0, 10)
    await write('matrix', `\n${matrixTable(results)}\n`)
    await write('matrix run', `Last written on ${today}: ${outline} (\`--seed ${seed}\`).`)
  }
} finally {
  await endAll()
}

function progressLine({ cell, ending, handedOver, violations, took }: CellResult, n: number): string {
  const [lane, step, fault, door] = [cell.lane.padEnd(14), cell.step.padEnd(14), cell.fault.padEnd(13), cell.door.padEnd(5)]
  const how = violations.length > 0 ? `BROKEN (user ${cell.userId}): ${violations.join('; ')}` : ending
  const count = `${n}`.padStart(`${cells.length}`.length)
  return `${count}/${cells.length}  ${lane} ${step} ${fault} ${door} ${how}${handedOver ? ', handed over' : ''}  ${(took / 1_000).toFixed(1)} s`
}

/** Writes a text between the marks of that name in the document. */
async function write(name: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const page = await readFile(DOCUMENT, 'utf8')
  await writeFile(DOCUMENT, page.slice(0, page.indexOf(begin) + begin.length) + text + page.slice(page.indexOf(end)))
}
