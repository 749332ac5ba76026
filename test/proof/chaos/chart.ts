import { drawing, escaped, label } from '../../../bench/report/drawing.ts'
import { isFinal } from '../../e2e/faults/place.ts'
import { describeFault, type FaultEvent } from './fault-event.ts'
import type { ChaosResult } from './run-chaos.ts'

const WIDTH = 1_000
const LEFT = 46
const RIGHT = 16
const TOP = 64
const PLOT = 220
/** Rows of marks below the plot, one for each sort of fault. */
const ROW = 18
/** Colours of the faults. They differ in light and in dark, and for those who do not see red. */
const FAULTS: Record<FaultEvent['do'], string> = {
  kill: '#b3392f',
  restart: '#c2681c',
  pause: '#8a6fc4',
  break: '#4a90c2',
  cut: '#2a6fb0',
  silence: '#5f7d8c',
  delay: '#9aa0a8',
  calls: '#2f9e6e',
}
const [CREATED, REFUSED, SENT] = ['#2f9e6e', '#d98c3f', '#8a8f98']

/** Orders over time as an SVG, with a mark for each fault. */
export function chart({ seed, seconds, quietAfterMs, asked, inflicted }: ChaosResult): string {
  const lastMs = seconds * 1_000 + quietAfterMs
  const binMs = lastMs > 120_000 ? 5_000 : 1_000
  const bins = Math.ceil(lastMs / binMs) + 1
  const perSecond = (times: readonly number[]) => {
    const counts = new Array<number>(bins).fill(0)
    for (const ms of times) {
      const bin = Math.floor(ms / binMs)
      if (bin < bins) counts[bin] = (counts[bin] ?? 0) + 1_000 / binMs
    }
    return counts
  }
  const answered = asked.filter(({ answeredAtMs }) => answeredAtMs !== undefined)
  const answeredAs = (kind: string) =>
    answered.filter(({ told }) => told.find(isFinal)?.kind === kind).map(({ answeredAtMs }) => answeredAtMs as number)
  const series = [
    { name: 'sent', colour: SENT, values: perSecond(asked.map(({ sentAtMs }) => sentAtMs)), dashed: true },
    { name: 'created', colour: CREATED, values: perSecond(answeredAs('created')) },
    { name: 'refused', colour: REFUSED, values: perSecond(answeredAs('refused')) },
  ]
  const most = Math.max(1, ...series.flatMap(({ values }) => values))
  const x = (ms: number) => LEFT + (ms / lastMs) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => TOP + PLOT - (value / most) * PLOT
  const rows = Object.keys(FAULTS) as FaultEvent['do'][]
  const marksTop = TOP + PLOT + 34
  const height = marksTop + rows.length * ROW + 12
  const lines = series.map(({ name, colour, values, dashed }) => {
    const points = values.map((value, bin) => `${x(Math.min(lastMs, bin * binMs)).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
    const dash = dashed ? ' stroke-dasharray="3 3"' : ''
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.6"${dash} points="${points}"><title>${name}</title></polyline>`
  })
  const legend = series.map(({ name, colour }, i) => label(LEFT + i * 90, 52, name, 'plain', colour))
  const marks = inflicted.map(({ event, fromMs, toMs }) => {
    const top = marksTop + rows.indexOf(event.do) * ROW
    const width = Math.max(2.5, x(toMs) - x(fromMs))
    const said = `${(fromMs / 1_000).toFixed(1)} s: ${describeFault(event)}`
    return `<rect x="${x(fromMs).toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="${ROW - 5}" rx="1" fill="${FAULTS[event.do]}"><title>${escaped(said)}</title></rect>`
  })
  const names = rows.map((name, i) => label(LEFT - 4, marksTop + i * ROW + 10, name, 'end'))
  const step = lastMs > 240_000 ? 60_000 : 10_000
  const ticks = Array.from({ length: Math.floor(lastMs / step) + 1 }, (_, i) => i * step).map(
    (ms) =>
      `<line x1="${x(ms).toFixed(1)}" x2="${x(ms).toFixed(1)}" y1="${TOP}" y2="${height - 12}" class="grid"/>` +
      label(x(ms), TOP + PLOT + 16, `${ms / 1_000} s`, 'middle'),
  )
  const levels = [0, 0.5, 1].map((share) => label(LEFT - 4, y(most * share) + 4, (most * share).toFixed(0), 'end'))
  return drawing({
    ...{ width: WIDTH, height, title: 'Orders a second under faults' },
    heading: `Orders a second, first final answers, and ${inflicted.length} faults (seed ${seed})`,
    body: [...ticks, ...legend, ...levels, ...lines, ...names, ...marks],
  })
}
