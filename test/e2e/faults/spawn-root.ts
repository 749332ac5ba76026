import { join } from 'node:path'
import type { RunningPart } from '../../../dev/processes/part.ts'
import { freePort } from '../../../dev/processes/ports.ts'
import { spawnPart } from '../../../dev/processes/spawn-part.ts'
import { onEnd } from '../../support/on-end.ts'
import type { TestStack } from '../../support/stack.ts'

const PROJECT = join(import.meta.dirname, '../../..')

/** One more `worker` or `starter` beside the stack's, at a port of its own; it comes back when that one is ready. */
export async function spawnRoot(
  stack: TestStack,
  root: 'worker' | 'starter',
  settings: Record<string, string> = {},
): Promise<RunningPart & { url: string }> {
  const address = `127.0.0.1:${await freePort()}`
  const url = `http://${address}`
  const part = await spawnPart({
    name: `another ${root}`,
    command: process.execPath,
    args: ['--import', 'tsx', `${root}.ts`],
    cwd: PROJECT,
    env: { ...stack.env, METRICS_ADDR: address, HTTP_ADDR: address, GRPC_ADDR: '127.0.0.1:0', ...settings },
    ipc: true,
    logFile: join(stack.logsDir, `another-${root}.log`),
    isHealthy: async () => (await fetch(`${url}/readyz`)).ok,
  })
  onEnd(() => part.stop())
  return { ...part, url }
}
