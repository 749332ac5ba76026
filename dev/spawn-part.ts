import { spawn } from 'node:child_process'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { logTail } from './log-tail.ts'
import type { RunningPart } from './part.ts'

export interface SpawnOptions {
  name: string
  command: string
  args: string[]
  /** The whole of it. @default that of this process */
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Opens an IPC channel, by whose end our own processes learn that we are gone. */
  ipc?: boolean
  /** Where stdout and stderr go, appended. */
  logFile: string
  /** Whether it is healthy; a throw counts as not yet. */
  isHealthy(): Promise<boolean>
  onSpawn?: (pid: number) => void
  /** Milliseconds. @default 60000 */
  healthyWithin?: number
  /** How long a stop waits before SIGKILL, in milliseconds. @default 20000 */
  stopWithin?: number
}

/** A log that grew beyond this is set aside as `.1` when its process starts again. Bytes. */
const MAX_LOG_SIZE = 10_000_000

/**
 * Starts a process that serves, and waits until it is healthy.
 * @throws Error with the end of its log when it ends, or is not healthy in time; it is not left running
 */
export async function spawnPart(options: SpawnOptions): Promise<RunningPart> {
  const {
    name,
    command,
    args,
    env = process.env,
    cwd,
    ipc,
    logFile,
    isHealthy,
    onSpawn,
    healthyWithin = 60_000,
    stopWithin = 20_000,
  } = options
  const output = await openLog(logFile)
  const child = spawn(command, args, {
    ...(cwd && { cwd }),
    env,
    stdio: ['ignore', output.fd, output.fd, ...(ipc ? (['ipc'] as const) : [])],
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
  await output.close()

  for (const deadline = performance.now() + healthyWithin; ; ) {
    if (await Promise.race([isHealthy().catch(() => false), exited.then(() => false)])) break
    if (ending !== undefined) throw new Error(`${name} ended (${ending}) before it was ready; ${await logTail(logFile)}`)
    if (performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`${name} was not ready within ${healthyWithin / 1000} s; ${await logTail(logFile)}`)
    }
    await Promise.race([sleep(50), exited])
  }

  return {
    pid: child.pid as number,
    exited,
    async stop() {
      if (ending !== undefined) return
      child.kill('SIGTERM')
      const insist = setTimeout(() => child.kill('SIGKILL'), stopWithin)
      await exited
      clearTimeout(insist)
    },
  }
}

async function openLog(file: string) {
  await mkdir(dirname(file), { recursive: true })
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  if (size > MAX_LOG_SIZE) await rename(file, `${file}.1`)
  return open(file, 'a')
}
