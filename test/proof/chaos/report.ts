import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chart } from './chart.ts'
import { describeFault } from './fault-event.ts'
import { figuresOf } from './figures.ts'
import type { ChaosResult } from './run-chaos.ts'

/**
 * Writes `report.json`, `report.html` and `chart.svg`.
 * @param schedule what to run again: the shortened one, if one was looked for
 * @returns the path of the HTML page
 */
export async function writeReport(dir: string, result: ChaosResult, schedule: readonly unknown[]): Promise<string> {
  const figures = figuresOf(result)
  const svg = chart(result)
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'report.json'), JSON.stringify({ ...figures, inflicted: result.inflicted, schedule }, null, 2))
  await writeFile(join(dir, 'chart.svg'), svg)
  const page = join(dir, 'report.html')
  const { violations, inflicted } = result
  const counts = (title: string, of: Record<string, number>) =>
    `<h2>${title}</h2><table>${Object.entries(of)
      .map(([name, count]) => `<tr><td>${html(name)}<td>${count.toLocaleString('en-US')}`)
      .join('')}</table>`
  await writeFile(
    page,
    `<!doctype html><meta charset="utf-8"><title>Chaos, seed ${result.seed}</title>
<style>body { font: 14px system-ui, sans-serif; max-width: 1040px; margin: 2em auto; color-scheme: light dark }
td { padding: 1px 12px 1px 0 } td + td { text-align: right } ol { columns: 2; font-size: 12px }</style>
<h1>${violations.length === 0 ? 'No violation' : `${violations.length} violations`} in ${figures.orders.toLocaleString('en-US')} orders and ${figures.faults} faults</h1>
${violations.map(({ promise, what }) => `<p><b>${promise}:</b> ${html(what)}`).join('\n')}
${svg}
${counts('How the orders ended', figures.ended)}
${counts('Every answer', figures.answers)}
${counts('What became of created orders', figures.lives)}
${counts('Payments', figures.payments)}
${counts('Every answer to a move', figures.moves)}
${counts('Answered after, in milliseconds', figures.answeredAfterMs)}
${counts('What was ordered', figures.orderKinds)}
${counts('Faults', figures.faultKinds)}
${counts('What they met', figures.faultsMet)}
<h2>The faults</h2>
<ol>${inflicted.map(({ event, fromMs }) => `<li>${(fromMs / 1_000).toFixed(1)} s: ${describeFault(event)}`).join('')}</ol>
`,
  )
  return page
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
