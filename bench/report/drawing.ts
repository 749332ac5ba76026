interface Drawing {
  width: number
  height: number
  /** Said by a reader of screens. */
  title: string
  heading: string
  /** Elements of SVG; those of text by `label`. */
  body: readonly string[]
}

/** Class of a text: what it looks like is one thing in all drawings. */
type LabelClass = 'title' | 'head' | 'name' | 'end' | 'middle' | 'plain'

/** An SVG that follows the reader's choice of light or dark, and needs no script and no font of its own. */
export function drawing({ width, height, title, heading, body }: Drawing): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title, .head, .name { fill: #24292f }
  .title { font-size: 16px; font-weight: 600 }
  .head { font-weight: 600 }
  .name, .end { text-anchor: end }
  .middle { text-anchor: middle }
  .grid { stroke: #d0d7de; stroke-width: .5 }
  .back { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b1 }
    .title, .head, .name { fill: #e6edf3 }
    .grid { stroke: #30363d }
    .back { fill: #0d1117 }
  }
</style>
<rect class="back" width="100%" height="100%"/>
${[label(16, 26, heading, 'title'), ...body].join('\n')}
</svg>
`
}

/** @param colour of the text @default that of its class */
export function label(x: number, y: number, content: string, kind: LabelClass = 'plain', colour?: string): string {
  const style = colour ? ` style="fill:${colour}"` : ''
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}"${style}>${escaped(content)}</text>`
}

/** Text as it stands in an SVG. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
