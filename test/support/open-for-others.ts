import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Every file and folder from `dir` down that group or others can read or change. */
export async function openForOthers(dir: string): Promise<string[]> {
  const below = await readdir(dir, { recursive: true })
  const paths = [dir, ...below.map((name) => join(dir, name))]
  const open = await Promise.all(paths.map(async (path) => ((await lstat(path)).mode & 0o066) !== 0))
  return paths.filter((_, i) => open[i])
}
