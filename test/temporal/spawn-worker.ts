import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { programCommand } from '../../dev/processes/program-command.ts'

const PROJECT = join(import.meta.dirname, '../..')

/** Starts a worker process with these settings and no others; its metrics are at any free port. */
export function spawnWorker(settings: Record<string, string>) {
  const { PATH, NODE_OPTIONS, WORKFLOW_BUNDLE } = process.env
  const { command, args, env } = programCommand('worker.ts', {
    ...(PATH && { PATH }),
    ...(NODE_OPTIONS && { NODE_OPTIONS }),
    ...(WORKFLOW_BUNDLE && { WORKFLOW_BUNDLE }),
    METRICS_ADDR: '127.0.0.1:0',
    ...settings,
  })
  // The end of the channel shows it that this process is gone.
  return spawn(command, args, { cwd: PROJECT, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
}
