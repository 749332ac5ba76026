/** Runs something while the wall clock of this process is set to another time, as an administrator or NTP may do at any moment. */
export async function withClockSet(byMs: number, run: () => Promise<void>): Promise<void> {
  const RealDate = Date
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: []) => (args.length === 0 ? new target(target.now() + byMs) : new target(...args)),
    get: (target, property) => (property === 'now' ? () => target.now() + byMs : Reflect.get(target, property)),
  })
  try {
    await run()
  } finally {
    globalThis.Date = RealDate
  }
}
