import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { createServer } from 'node:net'

/** Port of each part, unless it is taken; PostgreSQL's keeps clear of one's own server on 5432. */
export const DEFAULT_PORTS = {
  temporal: 7233,
  temporalUi: 8233,
  http: 3000,
  grpc: 50053,
  goods: 8081,
  inventory: 8082,
  user: 8084,
  workerMetrics: 9464,
  postgres: 54320,
} as const

export type PortName = keyof typeof DEFAULT_PORTS
export type Ports = Record<PortName, number>

/** Distance above its default within which a free port is sought. */
const TRIES = 200
/**
 * Range in which "any" port is sought: below the range from which Linux (32768 on) and others (49152 on) take the ports of
 * outgoing connections, or one of those would sooner or later sit on a port that was chosen and not yet listened on.
 */
const ANY = { from: 15_000, to: 32_000 }

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
 * A port of 127.0.0.1 on which nobody listens, and which no other process gets from here as long as this one lives: a port that is
 * only looked at may be another's before its part listens.
 * @param preferred 0: any that was not given before
 * @param except ports that are promised to others
 * @throws Error when none is free within 200 of the preferred one
 */
export async function freePort(preferred = 0, except: ReadonlySet<number> = new Set()): Promise<number> {
  const from = preferred || randomInt(ANY.from, ANY.to)
  for (let port = from; port < from + TRIES && port <= 65_535; port++) {
    if (except.has(port) || (preferred === 0 && claims.has(port))) continue
    if ((await claim(port)) && (await isFree(port))) return port
  }
  throw new Error(`No free port from ${from} to ${from + TRIES - 1}: end what listens there`)
}

const claims = new Map<number, Socket>()

/**
 * Claims a port of TCP by holding the UDP port of the same number, which no part uses: the system lets one process have it, and takes it back
 * when that process ends, however it does. Reports whether this process has it.
 */
async function claim(port: number): Promise<boolean> {
  if (claims.has(port)) return true
  const socket = createSocket('udp4').unref()
  const claimed = await new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false))
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true))
  })
  if (claimed) claims.set(port, socket)
  else socket.close()
  return claimed
}

/**
 * Reports whether the port is free on all addresses and on loopback. On macOS and BSD one may take 127.0.0.1 beside somebody who listens on all addresses, and links
 * would lead to either.
 */
async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '0.0.0.0')) && (await canListen(port, '127.0.0.1'))
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
