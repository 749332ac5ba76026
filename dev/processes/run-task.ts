import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openLaunchLog } from './launch-log.ts'

export interface TaskOptions {
  name: string
  command: string
  args: string[]
  /** The whole of it. @default that of this process */
  env?: NodeJS.ProcessEnv
  cwd?: string
  logFile: string
  onSpawn?: (pid: number) => void
}

/**
 * Runs a command that ends by itself.
 * @throws Error with the end of what it logged when its status is not 0
 */
export async function runTask({ name, command, args, env = process.env, cwd, logFile, onSpawn }: TaskOptions): Promise<void> {
  const log = await openLaunchLog(logFile)
  const child = spawn(command, args, {
    ...(cwd && { cwd }),
    env,
    stdio: ['ignore', log.fd, log.fd],
    detached: process.platform !== 'win32', // see spawn-part.ts
    windowsHide: true,
  })
  if (child.pid) onSpawn?.(child.pid)
  const ended = once(child, 'exit')
  await log.close()
  const [status, signal] = await ended
  if (status !== 0) throw new Error(`${name} failed (${signal ? `signal ${signal}` : `status ${status}`}); ${await log.tail()}`)
}
