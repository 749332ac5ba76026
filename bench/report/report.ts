import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chart } from './chart.ts'
import { floodTable } from './flood-table.ts'
import { overloadTable } from './overload-table.ts'
import type { Line, Results } from './results.ts'
import { resultsTable } from './results-table.ts'

/** Prints the tables, and writes the results as `latest.json` and, where the main table was measured, its chart as `latest.svg`. */
export async function report(results: Results, out: string, print: (text: string) => void): Promise<void> {
  const { table, compensation, orderSizes, original, hotSku, grpc, encrypted, flood, paced, hot, repeats, overload, peers } =
    results
  const lines = [table, compensation, orderSizes, original, hotSku, grpc, encrypted, paced, hot, repeats, peers].flatMap(
    (section) => section ?? [],
  )
  const conditions = conditionsOf(results, lines)
  await mkdir(out, { recursive: true })
  await writeFile(join(out, 'latest.json'), `${JSON.stringify(results, undefined, 2)}\n`)
  if (table) {
    await writeFile(join(out, 'latest.svg'), chart(table, conditions))
    print(`\n${resultsTable(table)}`)
  }
  if (compensation)
    print(`\nAn order that meets sold-out goods, until it is refused with everything undone:\n\n${resultsTable(compensation)}`)
  if (orderSizes) {
    const sized = orderSizes.map((line) => ({ ...line, row: `${line.row}, ${line.goods} goods` }))
    print(`\nOrders of different sizes:\n\n${resultsTable(sized)}`)
  }
  if (original) print(`\nIn front of services that behave as the original's, 200 goods in all:\n\n${resultsTable(original)}`)
  if (hotSku) print(`\nThe same, every order of the same goods:\n\n${resultsTable(hotSku)}`)
  if (grpc) print(`\nOrders from carts, over HTTP and over gRPC:\n\n${resultsTable(grpc)}`)
  if (encrypted)
    print(
      `\nThe express lane, its payloads plain and encrypted, and with tokens and sealed recipients:\n\n${resultsTable(encrypted)}`,
    )
  if (flood) print(`\nOne caller's orders, without and beside another that floods the starter:\n\n${floodTable(flood)}`)
  if (paced) print(`\nOne buyer, 5 orders a second:\n\n${resultsTable(paced)}`)
  if (hot) print(`\nOrders of different goods, and of one that all ask for:\n\n${resultsTable(hot)}`)
  if (repeats) print(`\nNew orders, and repeats of settled ones:\n\n${resultsTable(repeats)}`)
  if (peers) print(`\nOther durable engines beside ours:\n\n${resultsTable(peers)}`)
  if (overload) print(`\nOrders that come at a rate of their own:\n\n${overloadTable(overload)}`)
  print(`\n${conditions}`)
  const failures = lines.flatMap(samplesOf)
  if (failures.length > 0) print(`\nAnswers that were no orders, one of each cell:\n${failures.join('\n')}`)
  print(`\nwritten to ${join(out, 'latest.json')}`)
}

function conditionsOf({ at, machine, temporal, options }: Results, lines: readonly Line[]): string {
  const others = Math.max(...lines.map(({ othersCores = 0 }) => othersCores), 0)
  return [
    `${machine.cpus} cores (others took at most ${others.toFixed(1)} of them)`,
    `Node ${machine.node}`,
    `Temporal ${temporal.version}${temporal.own ? ' dev server' : ''}`,
    `${options.rounds} × ${options.seconds} s`,
    `${options.linesPerOrder} goods an order`,
    at.slice(0, 10),
  ].join(', ')
}

function samplesOf({ row, callers, rounds }: Line): string[] {
  return rounds.flatMap(({ failed, sample }) => (sample === undefined ? [] : `${row}, ${callers} callers, ${failed}×: ${sample}`))
}
