import type { Logger } from 'pino'
import { CallGate } from '../clients/call-gate.ts'
import { Channels } from '../clients/channels.ts'
import { GoodsClient } from '../clients/goods-client.ts'
import { logGrpcBy } from '../clients/grpc-log.ts'
import { InventoryClient } from '../clients/inventory-client.ts'
import type { ClientOptions } from '../clients/unary.ts'
import { UserClient } from '../clients/user-client.ts'
import type { WorkerConfig } from '../config/config.ts'
import { DEADLINES_MS } from '../contracts/time-budget.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Parts from which the gate of a service is made. */
export interface GateDeps {
  config: Pick<WorkerConfig, 'breakerFailures' | 'breakerOpenMs' | 'serviceMaxInFlight'>
  logger: Logger
  metrics: Metrics
}

interface Deps extends GateDeps {
  config: WorkerConfig
}

/** The clients of the services that a worker calls. */
interface PartyClients {
  /** Each by the name under which the activities know it (activities/deps.ts). */
  clients: ReturnType<typeof clientsOf>
  /** The services that no call reaches at present, each with its target. */
  notConnected(): string[]
  close(): void
}

/** Opens the connections to the services; each call passes the gate of its service, and is counted. */
export function partyClients(deps: Deps): PartyClients {
  const warn = (message: string) => deps.logger.warn(message)
  logGrpcBy(warn)
  const channels = new Channels(deps.config.connection, warn)
  const targets = new Map<string, string>()
  const clients = clientsOf(deps.config, (service, target) => {
    targets.set(service, target)
    const gate = gateOf(service, deps)
    return { target, channels, deadlineMs: DEADLINES_MS[service], onCall: deps.metrics.onCall, gate }
  })
  return {
    clients,
    notConnected: () =>
      [...targets].flatMap(([service, target]) => (channels.isConnected(target, service) ? [] : `${service} (${target})`)),
    close() {
      for (const client of Object.values(clients)) client.close()
    },
  }
}

function clientsOf(config: WorkerConfig, callsTo: (service: keyof typeof DEADLINES_MS, target: string) => ClientOptions) {
  return {
    goods: new GoodsClient(callsTo('goods', config.goodsTarget)),
    inventory: new InventoryClient(callsTo('inventory', config.inventoryTarget)),
    users: new UserClient(callsTo('user', config.userTarget)),
  }
}

/** The gate of a service; its breaker's changes are logged, and shown by the metrics. */
export function gateOf(service: string, { config, logger, metrics }: GateDeps): CallGate {
  return new CallGate({
    service,
    failures: config.breakerFailures,
    openMs: config.breakerOpenMs,
    maxInFlight: config.serviceMaxInFlight,
    onState(state, cause) {
      metrics.onBreakerState(service, state)
      // While a service is away its breaker opens again every second: that is logged once, unless somebody debugs.
      const level = state === 'closed' ? 'info' : cause ? 'warn' : 'debug'
      logger[level]({ service, state, ...(cause && { cause }) }, 'the circuit breaker changed')
    },
    onNotSent: (reason) => metrics.onNotSent(service, reason),
  })
}
