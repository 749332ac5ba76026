import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLaunchLog } from './launch-log.ts'
import { type RunningPart, STOP_WITHIN } from './part.ts'
import { Patience, STILL_MS } from './patience.ts'

export interface SpawnOptions {
  name: string
  command: string
  args: string[]
  /** The whole of it. @default that of this process */
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Opens an IPC channel, by whose end our own processes learn that we are gone. */
  ipc?: boolean
  /** File to which stdout and stderr are appended. */
  logFile: string
  /** Reports whether the part is healthy; a throw counts as not yet. */
  isHealthy(): Promise<boolean>
  onSpawn?: (pid: number) => void
  /** Time for which the part may do hardly anything before it is healthy, in milliseconds. @default 60000 */
  stillMs?: number
}

/**
 * Starts a process that serves, and waits until it is healthy, for as long as it works on that.
 * @throws Error with the end of what it logged when it ends, or hardly works any more; it is not left running
 */
export async function spawnPart(options: SpawnOptions): Promise<RunningPart> {
  const { name, command, args, env = process.env, cwd, ipc, logFile, isHealthy, onSpawn, stillMs = STILL_MS } = options
  const log = await openLaunchLog(logFile)
  const child = spawn(command, args, {
    ...(cwd && { cwd }),
    env,
    stdio: ['ignore', log.fd, log.fd, ...(ipc ? (['ipc'] as const) : [])],
    // A group of its own: Ctrl-C in a terminal reaches the launcher alone, which stops the parts in order.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  if (child.pid) onSpawn?.(child.pid)
  let ending: string | undefined
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (status, signal) => resolve(signal ? `signal ${signal}` : `status ${status}`))
    child.once('error', (error) => resolve(error.message))
  }).then((how) => {
    ending = how
    return how
  })
  await log.close()

  for (const patience = Patience.withProcess(child.pid, stillMs); ; ) {
    if (await Promise.race([isHealthy().catch(() => false), exited.then(() => false)])) break
    if (ending !== undefined) throw new Error(`${name} ended (${ending}) before it was ready; ${await log.tail()}`)
    if (await patience.isOver()) {
      child.kill('SIGKILL')
      throw new Error(`${name} is not ready and has hardly worked for ${stillMs / 1_000} s; ${await log.tail()}`)
    }
    await Promise.race([sleep(50), exited])
  }

  return {
    pid: child.pid as number,
    exited,
    async stop() {
      if (ending !== undefined) return
      child.kill('SIGTERM')
      const insist = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN)
      await exited
      clearTimeout(insist)
    },
  }
}
