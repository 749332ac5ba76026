/** A fenced block of a document. */
export interface FencedBlock {
  /** The heading above it. */
  heading: string
  /** Line of its fence in the document, from 1. */
  line: number
  /** Text between the fences. */
  script: string
}

/**
 * The blocks of a Markdown text that are of one kind.
 * @param kind all that follows the opening fence; `sh run` are commands that change nothing wherever they are run
 */
export function fencedBlocks(markdown: string, kind: string): FencedBlock[] {
  const blocks: FencedBlock[] = []
  let heading = ''
  let fence: string | undefined
  for (const [index, text] of markdown.split('\n').entries()) {
    if (fence === undefined && text.startsWith('#')) heading = text.replace(/^#+ /, '')
    if (text.startsWith('```')) {
      fence = fence === undefined ? text.slice(3) : undefined
      if (fence === kind) blocks.push({ heading, line: index + 1, script: '' })
    } else if (fence === kind) {
      const block = blocks.at(-1)
      if (block) block.script += `${text}\n`
    }
  }
  return blocks
}
