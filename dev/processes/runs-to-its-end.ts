import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Patience } from './patience.ts'

/**
 * Reports whether a program ends by itself and with status 0. It may take as long as it works.
 * @param stillMs how long it may do hardly anything before it is killed, in milliseconds
 */
export async function runsToItsEnd(command: string, args: string[], stillMs: number): Promise<boolean> {
  const child = spawn(command, args, { stdio: 'ignore', windowsHide: true })
  let well: boolean | undefined
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', (status) => {
      well = status === 0
      resolve()
    })
  }).then(() => {
    well ??= false
  })
  const patience = Patience.withProcess(child.pid, stillMs)
  while (well === undefined) {
    await Promise.race([sleep(50), ended])
    if (well === undefined && (await patience.isOver())) child.kill('SIGKILL')
  }
  return well
}
