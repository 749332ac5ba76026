import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { COMPILED_WORKFLOWS } from '../../dev/processes/program-command.ts'

const PROJECT = join(import.meta.dirname, '../..')

/** Builds the programs by the steps of `npm run compile` for as long as this process lives. @returns their folder */
export function compilePrograms(): string {
  // Within the project, where they find their packages.
  const folder = join(PROJECT, '.cache', `programs-${process.pid}`)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const run = (...args: string[]) =>
    execFileSync(process.execPath, args, { cwd: PROJECT, stdio: ['ignore', 'ignore', 'inherit'] })
  run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noCheck', '--outDir', folder)
  run('run.cjs', 'dev/finish-build.ts', folder)
  run(join(folder, 'composition/bundle.js'), join(folder, COMPILED_WORKFLOWS), '--all')
  return folder
}
