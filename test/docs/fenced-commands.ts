/** A fenced block of a document that says of itself that it may be run: its language is followed by the word `run`. */
export interface FencedCommands {
  /** The heading above it. */
  heading: string
  /** In the document, from 1. */
  line: number
  script: string
}

/** The blocks of a Markdown text that start with ```` ```sh run ````, which change nothing wherever they are run. */
export function fencedCommands(markdown: string): FencedCommands[] {
  const blocks: FencedCommands[] = []
  let heading = ''
  let fence: string | undefined
  for (const [index, text] of markdown.split('\n').entries()) {
    if (fence === undefined && text.startsWith('#')) heading = text.replace(/^#+ /, '')
    if (text.startsWith('```')) {
      fence = fence === undefined ? text.slice(3) : undefined
      if (fence === 'sh run') blocks.push({ heading, line: index + 1, script: '' })
    } else if (fence === 'sh run') {
      const block = blocks.at(-1)
      if (block) block.script += `${text}\n`
    }
  }
  return blocks
}
