import { join } from 'node:path'
import type { RunningPart } from '../../../dev/processes/part.ts'
import { freePort } from '../../../dev/processes/ports.ts'
import { programCommand } from '../../../dev/processes/program-command.ts'
import { spawnPart } from '../../../dev/processes/spawn-part.ts'
import { onEnd } from '../../support/on-end.ts'
import type { TestStack } from '../../support/stack.ts'

const PROJECT = join(import.meta.dirname, '../../..')

/** Roots that nobody has stopped yet. */
const running = new Set<RunningPart>()

/** One more `worker` or `starter` beside the stack's, at ports of its own; it comes back when that one is ready. */
export async function spawnRoot(
  stack: TestStack,
  root: 'worker' | 'starter',
  settings: Record<string, string> = {},
): Promise<RunningPart & { url: string; door: string }> {
  const [address, door] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const url = `http://${address}`
  const part = await spawnPart({
    name: `another ${root}`,
    ...programCommand(`${root}.ts`, {
      ...stack.env,
      METRICS_ADDR: address,
      HTTP_ADDR: address,
      GRPC_ADDR: door,
      ...settings,
    }),
    cwd: PROJECT,
    ipc: true,
    logFile: join(stack.logsDir, `another-${root}.log`),
    isHealthy: async () => (await fetch(`${url}/readyz`)).ok,
  })
  running.add(part)
  void part.exited.then(() => running.delete(part))
  onEnd(() => part.stop())
  return { ...part, url, door }
}

/** Stops what was spawned until now: a suite that has no use for its roots any more spares the next ones their polls and sweeps. */
export async function endRoots(): Promise<void> {
  await Promise.all([...running].map((part) => part.stop()))
}
