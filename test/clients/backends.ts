import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Address } from '../../clients/address.ts'
import { freePort } from '../../dev/processes/ports.ts'
import type { Order } from './backend.ts'

export interface Backend extends Address {
  /** `host:port` */
  address: string
  tell(order: Order): void
  /** Calls since the last question. */
  calls(): Promise<number>
  /** Stops the process, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  kill(): Promise<void>
}

/** Processes of backend.ts; `end` kills those that are left. */
export class Backends {
  readonly #children: ChildProcess[] = []

  /** @param at `host:port` @default a free port, which a later one can have as well */
  async start(at?: string): Promise<Backend> {
    const address = at ?? `127.0.0.1:${await freePort()}`
    const child = fork(fileURLToPath(new URL('./backend.ts', import.meta.url)), [address], { execArgv: ['--import', 'tsx'] })
    this.#children.push(child)
    const { port } = await messageOf<{ port: number }>(child)
    return {
      host: '127.0.0.1',
      port,
      address: `127.0.0.1:${port}`,
      tell: (order) => void child.send(order),
      async calls() {
        child.send({ ask: 'calls' } satisfies Order)
        return (await messageOf<{ calls: number }>(child)).calls
      },
      signal: (signal) => void child.kill(signal),
      kill: () => killed(child),
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#children.splice(0).map(killed))
  }
}

/** The next message of a process. @throws Error when it ends before it sends one */
async function messageOf<T>(child: ChildProcess): Promise<T> {
  const noted = new AbortController()
  const ended = once(child, 'exit', noted).then(() => {
    throw new Error('a backend ended by itself: its reason stands above')
  })
  try {
    const [message] = await Promise.race([once(child, 'message', noted), ended])
    return message
  } finally {
    ended.catch(() => {})
    noted.abort()
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
