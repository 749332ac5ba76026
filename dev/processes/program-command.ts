import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Names the folder in which the programs stand compiled. `npm test` compiles them once: each start from the source takes a processor 1.5 s longer, and the
 * tests start some hundreds.
 */
export const COMPILED_IN = 'PROGRAMS_COMPILED_IN'

/** File of the compiled programs' own workflows, in that folder: those of the source are other files, and refused. */
export const COMPILED_WORKFLOWS = 'workflow-bundle.js'

/**
 * Returns how a program of this project is started: as it was compiled before, or from its source. From the source as well if its workflows are not
 * those that the compiled programs were bundled with.
 * @param env which it is given
 */
export function programCommand(file: string, env: NodeJS.ProcessEnv) {
  const { [COMPILED_IN]: folder, WORKFLOW_BUNDLE: ofTests } = process.env
  const { WORKFLOW_BUNDLE: given = ofTests } = env
  const compiled = folder && ofTests && given === ofTests && join(folder, file.replace(/\.ts$/, '.js'))
  if (!compiled || !existsSync(compiled)) return { command: process.execPath, args: ['--import', 'tsx', file], env }
  const isBundled = env.WORKFLOW_BUNDLE !== undefined
  return {
    command: process.execPath,
    args: [compiled],
    env: isBundled ? { ...env, WORKFLOW_BUNDLE: join(folder, COMPILED_WORKFLOWS) } : env,
  }
}
