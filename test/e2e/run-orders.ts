import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { programCommand } from '../../dev/processes/program-command.ts'

const PROJECT = join(import.meta.dirname, '../..')

/** `npm run orders -- …args` as an operator runs it. @returns once it has ended */
export async function runOrders(env: NodeJS.ProcessEnv, args: string[]): Promise<{ status: number; out: string; err: string }> {
  const program = programCommand('operators/main.ts', env)
  const child = spawn(program.command, [...program.args, ...args], { cwd: PROJECT, env: program.env })
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { status: status as number, out, err }
}
