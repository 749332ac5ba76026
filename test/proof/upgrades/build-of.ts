import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const PROJECT = join(import.meta.dirname, '../../..')

/** The programs of one commit, compiled. */
export interface Build {
  /** The commit, as git abbreviates it. */
  commit: string
  /** Folder of its sources, packages and `dist/`. */
  folder: string
}

/**
 * Builds a commit in a folder of its own, which is made anew. Its packages are hard links to those of this tree if it has the same lock file, else they are
 * installed.
 * @param named the commit, or a tag or branch
 * @throws Error if there is no such commit, or it can't be built
 */
export async function buildOf(named: string, folder: string): Promise<Build> {
  const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', `${named}^{commit}`], { cwd: PROJECT })
  const commit = stdout.trim()
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await run(PROJECT, 'sh', '-c', 'git archive "$0" | tar -x -C "$1"', commit, folder)
  const [ours, theirs] = await Promise.all([PROJECT, folder].map((tree) => readFile(join(tree, 'package-lock.json'), 'utf8')))
  if (ours === theirs) await run(PROJECT, 'cp', '-al', 'node_modules', folder)
  else await run(folder, 'npm', 'ci', '--no-audit', '--no-fund')
  const { scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  await run(folder, 'npm', 'run', '-s', scripts.compile ? 'compile' : 'build')
  if (!existsSync(join(folder, 'dist/composition/migrate.js'))) {
    throw new Error(
      `${named} is of before the programs of today: its build has no dist/composition/migrate.js; name a later commit`,
    )
  }
  return { commit, folder }
}

async function run(cwd: string, command: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(command, args, { cwd, maxBuffer: 100_000_000 })
}
