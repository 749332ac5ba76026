import { drawing, label } from './drawing.ts'
import type { Line } from './results.ts'

const WIDTH = 860
const LEFT = 150
const RIGHT = 250
const BAR = 16
const GAP = 6
const PANEL_HEAD = 34

/** A colour for each row. They differ in light and in dark, and for those who do not see red. */
const COLOURS = ['#8a8f98', '#b08cd9', '#d98c3f', '#4a90c2', '#2f9e6e']

/**
 * The orders a second of every row as an SVG of bars, a panel for each number of callers.
 * @param subtitle one line: the machine, the day
 */
export function chart(lines: readonly Line[], subtitle: string): string {
  const panels = [...new Set(lines.map(({ callers }) => callers))]
  const rows = [...new Set(lines.map(({ row }) => row))]
  const fastest = Math.max(...lines.map(({ ordersPerSecond }) => ordersPerSecond), 1)
  const scale = (WIDTH - LEFT - RIGHT) / fastest
  let y = 62
  const body: string[] = []
  for (const callers of panels) {
    body.push(label(16, y + 14, `${callers} ${callers === 1 ? 'caller' : 'callers'}`, 'head'))
    y += PANEL_HEAD - 10
    for (const line of lines.filter((one) => one.callers === callers)) {
      const length = Math.max(1, line.ordersPerSecond * scale)
      const colour = COLOURS[rows.indexOf(line.row) % COLOURS.length]
      body.push(
        label(LEFT - 8, y + BAR - 4, line.row, 'name'),
        `<rect x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2" fill="${colour}"/>`,
        label(LEFT + length + 8, y + BAR - 4, figuresOf(line)),
      )
      y += BAR + GAP
    }
    y += GAP * 2
  }
  return drawing({
    ...{ width: WIDTH, height: y + 8, title: 'Orders a second' },
    heading: 'Orders a second, all rows over HTTP on the same services and PostgreSQL',
    body: [label(16, 46, subtitle), ...body],
  })
}

function figuresOf({ ordersPerSecond, ofDirect, latencyMs }: Line): string {
  if (!latencyMs) return 'no order'
  const share = ofDirect === undefined || ofDirect === 1 ? '' : ` · ${ofDirect.toFixed(2)} of DIRECT`
  const rate = ordersPerSecond >= 100 ? Math.round(ordersPerSecond).toLocaleString('en-US') : ordersPerSecond.toFixed(1)
  return `${rate}/s${share} · p50 ${latencyMs.p50.toFixed(latencyMs.p50 >= 100 ? 0 : 1)} ms`
}
