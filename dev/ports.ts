import { createServer } from 'node:net'

/** Where each part listens unless that port is taken; PostgreSQL's keeps clear of one's own server on 5432. */
export const DEFAULT_PORTS = {
  temporal: 7233,
  temporalUi: 8233,
  http: 3000,
  goods: 8081,
  inventory: 8082,
  user: 8084,
  workerMetrics: 9464,
  postgres: 54320,
} as const

export type PortName = keyof typeof DEFAULT_PORTS
export type Ports = Record<PortName, number>

/** How far above its default a port is looked for. */
const TRIES = 200

/**
 * One free port of 127.0.0.1 per part: the default or the next free one above it, no two equal.
 * @param any every part takes whatever port the system gives (tests, a second stack)
 * @throws Error when none is free within 200 of a default
 */
export async function choosePorts({ any = false } = {}): Promise<Ports> {
  const chosen = new Set<number>()
  const ports: Partial<Ports> = {}
  for (const [name, preferred] of Object.entries(DEFAULT_PORTS) as [PortName, number][]) {
    const port = await freePort(any ? 0 : preferred, chosen)
    chosen.add(port)
    ports[name] = port
  }
  return ports as Ports
}

/**
 * A port of 127.0.0.1 on which nobody listens at this moment.
 * @param preferred 0: any
 * @param except ports that are promised to others
 * @throws Error when none is free within 200 of the preferred one
 */
export async function freePort(preferred = 0, except: ReadonlySet<number> = new Set()): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = await listenOnce(preferred === 0 ? 0 : preferred + i)
    if (port !== undefined && !except.has(port)) return port
  }
  throw new Error(`No free port from ${preferred} to ${preferred + TRIES - 1}: end what listens there`)
}

async function listenOnce(port: number): Promise<number | undefined> {
  if (port > 65_535) return undefined
  // Somebody who listens on every address would leave 127.0.0.1 free to bind and still answer on the other names of this machine.
  if (port !== 0 && (await bind(port, '0.0.0.0')) === undefined) return undefined
  return bind(port, '127.0.0.1')
}

function bind(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host, exclusive: true }, () => {
      const bound = (server.address() as { port: number }).port
      server.close(() => resolve(bound))
    })
  })
}
