import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { goProgram } from '../../dev/programs/go-program.ts'
import { tempDir } from '../support/temp-dir.ts'

const SUM = 'h1:right'
const PROGRAM = { command: 'tool', path: 'example.com/tool', version: 'v1.2.0', sum: SUM, package: './cmd/tool' }

describe('a program that is built from a Go module', () => {
  it('is built once, says how far it is, and comes from the cache then', async () => {
    const { env, cacheDir, lines, log } = await machine({
      sum: SUM,
      build: 'for i in $(seq 250); do echo package$i >&2; done; touch "$out"; chmod +x "$out"',
    })
    const built = await goProgram(PROGRAM, { log, cacheDir, env })
    assert.equal(built, join(cacheDir, 'tool-1.2.0', 'tool'))
    assert.deepEqual(lines, [
      'tool: building version v1.2.0, which takes minutes',
      'tool: 100 packages compiled',
      'tool: 200 packages compiled',
      'tool: built version v1.2.0',
    ])
    assert.equal(await goProgram(PROGRAM, { log, cacheDir, env: { PATH: '/nowhere' } }), built)
    assert.equal(lines.at(-1), 'tool: found in the cache')
  })

  it('is not built of a module that is not the one that was released', async () => {
    const { env, cacheDir, log } = await machine({ sum: 'h1:wrong', build: 'touch "$out"; chmod +x "$out"' })
    await assert.rejects(
      goProgram(PROGRAM, { log, cacheDir, env }),
      /tool@v1\.2\.0 is not the one that was released.*h1:wrong, expected h1:right/,
    )
    assert.deepEqual(readdirSync(cacheDir), [])
  })

  it('that does not build says why, and leaves nothing behind', async () => {
    const { env, cacheDir, log } = await machine({ sum: SUM, build: 'touch "$out"; echo no space left >&2; exit 1' })
    await assert.rejects(goProgram(PROGRAM, { log, cacheDir, env }), /tool v1\.2\.0 was not built: no space left/)
    assert.deepEqual(readdirSync(join(cacheDir, 'tool-1.2.0')), [])
  })

  it('needs Go, and says so', async () => {
    const { cacheDir, log } = await machine({ sum: SUM, build: 'exit 1' })
    await assert.rejects(goProgram(PROGRAM, { log, cacheDir, env: { PATH: '/nowhere' } }), /go is not on the PATH: install Go/)
  })
})

/** A machine whose Go answers so, with a cache of its own. `$out` is where the program is to be written. */
async function machine({ sum, build }: { sum: string; build: string }) {
  const [bin, module, cacheDir] = [await tempDir(), await tempDir(), await tempDir()]
  const script = `#!/bin/sh
if [ "$1" = mod ]; then echo '${JSON.stringify({ Dir: module, Sum: sum })}'; exit; fi
while [ "$1" != -o ]; do shift; done
out=$2
${build}
`
  writeFileSync(join(bin, 'go'), script, { mode: 0o755 })
  const lines: string[] = []
  return { env: { PATH: `${bin}:${process.env.PATH}` }, cacheDir, lines, log: (line: string) => void lines.push(line) }
}
