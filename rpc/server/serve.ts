import type { Server as Listener } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import type { CallsInFlight } from './calls-in-flight.ts'
import { guardedListener } from './guarded-listener.ts'
import { addReflection } from './reflection.ts'

/** Time that calls in flight may take to finish once the server was asked to stop; every deadline of our callers is shorter. */
const DRAIN_MS = 10_000
/** Time that an answer has to leave once nobody is at work any more; then streams that never end by themselves are cut: health watches. */
const FLUSH_MS = 250

/**
 * Time for which a connection may last on which nobody calls, or nobody is there, in milliseconds. There is no limit to its whole
 * life: a server of grpc-js that ends a connection in use refuses calls that are on their way to it, and some end as INTERNAL, of
 * which nobody knows whether they took effect.
 */
export interface ConnectionLimits {
  /** Time without a call. */
  idleMs: number
  /**
   * Time from one ping of ours to the next, and until it must be answered: a peer that never began to speak HTTP/2 answers none.
   */
  pingEveryMs: number
  pingWithinMs: number
}

/**
 * Default limits, above the 3 s of a balancer's health checks and the 10 s of a client's pings
 * (clients/connection-settings.ts): connections in use stay.
 */
const CONNECTION_LIMITS: ConnectionLimits = {
  idleMs: 300_000,
  pingEveryMs: 10_000,
  pingWithinMs: 5_000,
}

/** A service to listen for: its process-wide name and the setting its address came from are named in messages. */
export interface Service {
  name: string
  setting: string
  /** `host:port`; port 0 takes a free one. */
  address: string
  definition: ServiceDefinition
  implementation: UntypedServiceImplementation
  /** Gives back what the service holds, after its last call. */
  close?: () => Promise<void>
  /** Limits for a test. @default 5 minutes without a call, 15 s without a sign of life */
  connections?: ConnectionLimits
  /** @default the connections are not encrypted */
  credentials?: ServerCredentials
  /** Sees each connection before the server does, and may close it. @default none is looked at */
  guard?: (listener: Listener) => void
  /** Maximum size of a request, in bytes. @default 4 MiB, that of gRPC */
  maxRequestBytes?: number
  /** Maximum number of calls on one connection at the same time. @default as many as Node allows */
  maxCallsOnConnection?: number
  /** Calls that a stop waits for. @default all streams, those that watch the health included */
  inFlight?: CallsInFlight
  /**
   * Time between a stop that is announced (NOT_SERVING) and the end of new calls, in milliseconds: callers who watch the health go elsewhere
   * meanwhile. @default 0
   */
  lingerMs?: number
}

export interface RunningService {
  name: string
  /** `host:port` with the real port. */
  address: string
  /** Sets what the health service answers, for "" and for the service. After a stop it stays NOT_SERVING. */
  setServing(isServing: boolean): void
  /** Health goes NOT_SERVING, calls in flight finish (at most 10 s), what the service holds is given back. Repeats are harmless. */
  stop(): Promise<void>
}

/**
 * Starts one gRPC server on one address, with grpc.health.v1 (for "" and the service's name) and server reflection beside it.
 * @throws Error naming the address and the setting, when it cannot listen there
 */
export async function serve({
  name,
  setting,
  address,
  definition,
  implementation,
  close,
  connections = CONNECTION_LIMITS,
  credentials = ServerCredentials.createInsecure(),
  guard,
  maxRequestBytes,
  maxCallsOnConnection,
  inFlight,
  lingerMs = 0,
}: Service): Promise<RunningService> {
  const fullName = serviceName(definition)
  const server = new Server({
    'grpc.max_connection_idle_ms': connections.idleMs,
    'grpc.keepalive_time_ms': connections.pingEveryMs,
    'grpc.keepalive_timeout_ms': connections.pingWithinMs,
    ...(maxRequestBytes && { 'grpc.max_receive_message_length': maxRequestBytes }),
    ...(maxCallsOnConnection && { 'grpc.max_concurrent_streams': maxCallsOnConnection }),
  })
  server.addService(definition, implementation)
  const health = new HealthImplementation({ '': 'SERVING', [fullName]: 'SERVING' })
  health.addToServer(server)
  addReflection(server, [fullName, 'grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection'])

  const listening = guard ? guardedListener(server, address, credentials, guard) : bind(server, address, credentials)
  const listener = await listening.catch(async (error: Error) => {
    await close?.()
    const [, reason = error.message] = /listen (E[^\]]+)/.exec(error.message) ?? []
    throw new Error(`${name} cannot listen on ${address} (${reason}): free it, or set ${setting} to another host:port`)
  })

  let stopped: Promise<void> | undefined
  function setServing(isServing: boolean) {
    for (const name of ['', fullName]) health.setStatus(name, isServing ? 'SERVING' : 'NOT_SERVING')
  }

  async function stop() {
    setServing(false)
    await sleep(lingerMs)
    listener.close()
    const ended = new Promise<void>((done) => server.tryShutdown(() => done()))
    const drained = inFlight?.idle().then(() => sleep(FLUSH_MS, undefined, { ref: false }))
    await Promise.race([ended, sleep(DRAIN_MS, undefined, { ref: false }), ...(drained ? [drained] : [])])
    server.forceShutdown()
    // A peer that never closes its side of a connection would keep the server from its end.
    await Promise.race([ended, sleep(FLUSH_MS, undefined, { ref: false })])
    await close?.()
  }
  return {
    name,
    address: `${address.slice(0, address.lastIndexOf(':'))}:${listener.port}`,
    setServing(isServing) {
      if (!stopped) setServing(isServing)
    },
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** The server closes what it listens at by itself. */
function bind(server: Server, address: string, credentials: ServerCredentials): Promise<{ port: number; close(): void }> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve({ port, close() {} })))
  })
}

function serviceName(definition: ServiceDefinition): string {
  const [method] = Object.values(definition)
  return method?.path.split('/')[1] ?? ''
}
