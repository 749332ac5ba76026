import { rmSync } from 'node:fs'
import { onEnd } from './on-end.ts'

/**
 * Ends what a run of tests has started, and removes its folder: by `stop` behind the last test; by `kill` if the run leaves without its
 * hooks (--exit, an uncaught error).
 */
export function endWithRun(folder: string, { stop, kill }: { stop: () => Promise<unknown>; kill: () => void }): void {
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const last = () => {
    kill()
    remove()
  }
  process.once('exit', last)
  onEnd(async () => {
    await stop()
    process.off('exit', last)
    remove()
  })
}
