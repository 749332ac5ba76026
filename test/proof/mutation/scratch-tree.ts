import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Mutation } from './mutation.ts'

const PROJECT = join(import.meta.dirname, '../../..')
/** Folders that are linked, not copied: they are large, and nothing here changes them. */
const LINKED = ['node_modules', '.cache']

/** A copy of the project as it stands, in which a safeguard can be removed: the working tree is never touched. */
export class ScratchTree {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async make(): Promise<ScratchTree> {
    const path = await mkdtemp(join(tmpdir(), 'order-saga-mutation-'))
    const ask = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
    const { stdout } = await promisify(execFile)('git', ask, { cwd: PROJECT, maxBuffer: 64 * 1024 * 1024 })
    // Files that are deleted and not committed are still listed.
    for (const file of stdout.split('\0').filter(Boolean)) await cp(join(PROJECT, file), join(path, file)).catch(() => {})
    for (const name of LINKED) await symlink(join(PROJECT, name), join(path, name))
    return new ScratchTree(path)
  }

  /** Runs a story without a safeguard, which is there again afterwards. */
  async without<T>({ file, find, replace }: Mutation, story: () => Promise<T>): Promise<T> {
    const path = join(this.path, file)
    const text = await readFile(path, 'utf8')
    await writeFile(
      path,
      text.replace(find, () => replace),
    )
    try {
      return await story()
    } finally {
      await writeFile(path, text)
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}
