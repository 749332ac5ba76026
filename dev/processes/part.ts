/** Time that a process may take to end in order before it is killed, in milliseconds: longer than the drains take, on a slow machine too. */
export const STOP_WITHIN = 60_000

/** One process of the stack, as it runs. */
export interface RunningPart {
  pid: number
  /** Fulfilled when it has ended, for whatever reason: `status 1`, `signal SIGKILL`. */
  exited: Promise<string>
  /** Asks it to end, insists after a while, and waits until it has. */
  stop(): Promise<void>
}

/** One process of the stack, as it can be started, any number of times. */
export interface Part {
  name: string
  /** Place where the part is met: an address, a URL. */
  at: string
  /** The signal on which it ends in order. */
  stopSignal: NodeJS.Signals
  /**
   * Starts it and waits until it is healthy.
   * @param onSpawn is called with the process before anything else happens
   * @throws Error with the end of its log when it ends, or gets no further, before it is healthy
   */
  start(onSpawn: (pid: number) => void): Promise<RunningPart>
}
