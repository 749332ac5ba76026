import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { trackedFiles } from '../support/tracked-files.ts'

const PROJECT = join(import.meta.dirname, '../..')
/** Words with which no sentence about its subject begins. */
const NO_SUBJECT =
  /^(Of|By|For|In|On|At|With|Without|Within|And|Or|But|So|Nor|Where|Whether|To|From|Beside|Behind|Before|After|Than|Above|Below|Also|Else|As|Under|Until|Since|If|When|While|Who|Which|What|That|Then|How|Why|Between|Because|Not|Too|Only|Told|Those|Whoever)\b/

describe('the comments that document', () => {
  it('begin with what they are about, everywhere', () => {
    const files = trackedFiles().filter((file) => file.endsWith('.ts') && !file.startsWith('proto/'))
    assert.ok(files.length > 500)
    const found = files.flatMap((file) => without(readFileSync(join(PROJECT, file), 'utf8')).map((text) => `${file}: ${text}`))
    assert.deepEqual(found, [])
  })

  it('are found out if they do not', () => {
    const begin = '/**'
    const text = `${begin} Of one message, either way. */\n${begin}\n * Whether it is\n */\n${begin} Size of it. @default 1 */\n${begin} @returns of it */`
    assert.deepEqual(without(text), ['Of one message, either way.', 'Whether it is'])
  })
})

/** Returns the documenting comments of a source text that begin without a subject. */
function without(source: string): string[] {
  const comments = [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, body = '']) =>
    body.replaceAll(/\s*\n\s*\*?\s?/g, ' ').trim(),
  )
  return comments.filter((text) => NO_SUBJECT.test(text))
}
