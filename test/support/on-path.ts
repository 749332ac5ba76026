import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Path of the first program on the PATH that has one of these names. */
export function onPath(names: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const dirs = (env.PATH ?? '').split(delimiter).filter(Boolean)
  return dirs.flatMap((dir) => names.map((name) => join(dir, name))).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
