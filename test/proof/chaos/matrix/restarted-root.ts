import type { RunningPart } from '../../../../dev/processes/part.ts'
import { spawnRoot } from '../../../e2e/faults/spawn-root.ts'
import type { TestStack } from '../../../support/stack.ts'

/** Base URL of its HTTP, and `host:port` of its OrderService if it is a starter. */
type Root = RunningPart & { url: string; door: string }

/** A worker or a starter that is started anew whenever it is killed. */
export class RestartedRoot {
  readonly #start: () => Promise<Root>
  #running: Root
  #next: Promise<Root>

  private constructor(start: () => Promise<Root>, running: Root) {
    this.#start = start
    this.#running = running
    this.#next = Promise.resolve(running)
  }

  static async start(stack: TestStack, root: 'worker' | 'starter', settings: Record<string, string>): Promise<RestartedRoot> {
    const start = () => spawnRoot(stack, root, settings)
    return new RestartedRoot(start, await start())
  }

  /** Comes back with where it is when it is ready. */
  async ready(): Promise<Pick<Root, 'url' | 'door'>> {
    return await this.#next
  }

  /** Ends it at this moment. */
  kill(): void {
    const { pid, exited } = this.#running
    process.kill(pid, 'SIGKILL')
    this.#next = exited.then(this.#start).then((started) => {
      this.#running = started
      return started
    })
  }

  async stop(): Promise<void> {
    await (await this.#next).stop()
  }
}
