import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A watch over processes: no exception and no promise of ours may end one. */
export interface UncaughtWatch {
  /** `NODE_OPTIONS` of the processes to be watched. */
  nodeOptions: string
  /** Returns what nobody caught in any of them; empty is right. */
  noted(): string
  /** Forgets it all; processes that go on are not watched any more. */
  end(): void
}

/** @param nodeOptions what they have already */
export function watchUncaught(nodeOptions = ''): UncaughtWatch {
  const dir = mkdtempSync(join(tmpdir(), 'order-saga-uncaught-'))
  const noting = join(dir, 'note-uncaught.cjs')
  copyFileSync(join(import.meta.dirname, 'note-uncaught.cjs'), noting)
  return {
    nodeOptions: `${nodeOptions} --require "${noting.replaceAll('\\', '\\\\')}"`.trim(),
    noted() {
      try {
        return readFileSync(join(dir, 'uncaught'), 'utf8')
      } catch {
        return ''
      }
    },
    end: () => rmSync(dir, { recursive: true, force: true }),
  }
}
