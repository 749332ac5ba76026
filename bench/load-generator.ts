import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { LoadMessage, LoadTask, Measured } from './load-messages.ts'

/** The process that sends the orders. */
export interface LoadGenerator {
  pid: number
  /**
   * @param onWindow called when the window begins, and when it is over; the answers under way are waited for then
   * @throws Error if the process failed at it, or ended
   */
  run(task: LoadTask, onWindow: (edge: 'begins' | 'over') => void): Promise<Measured>
  stop(): Promise<void>
}

export async function startLoadGenerator(onSpawn: (pid: number) => void): Promise<LoadGenerator> {
  const child = fork(join(import.meta.dirname, 'load.ts'), { execArgv: ['--import', 'tsx'] })
  const exited = once(child, 'exit')
  const { pid } = child
  if (pid === undefined) throw new Error('the load generator could not be started')
  onSpawn(pid)
  await next(() => {})

  /** Reads messages until one ends a task. */
  function next(onWindow: (edge: 'begins' | 'over') => void): Promise<LoadMessage> {
    return new Promise((resolve, reject) => {
      const hear = (message: LoadMessage) => {
        if (message.kind === 'begins' || message.kind === 'over') return onWindow(message.kind)
        child.off('message', hear)
        child.off('exit', ended)
        resolve(message)
      }
      const ended = () => reject(new Error('the load generator ended: its reason stands above'))
      child.on('message', hear)
      child.once('exit', ended)
    })
  }

  return {
    pid,
    async run(task, onWindow) {
      const answer = next(onWindow)
      child.send(task)
      const message = await answer
      if (message.kind === 'measured') return message
      throw new Error(message.kind === 'failed' ? message.message : `the load generator said ${message.kind} out of turn`)
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
