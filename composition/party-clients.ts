import type { Logger } from 'pino'
import { CallGate } from '../clients/call-gate.ts'
import { Channels } from '../clients/channels.ts'
import { GoodsClient } from '../clients/goods-client.ts'
import { logGrpcBy } from '../clients/grpc-log.ts'
import { InventoryClient } from '../clients/inventory-client.ts'
import { UserClient } from '../clients/user-client.ts'
import type { WorkerConfig } from '../config/config.ts'
import { DEADLINES_MS } from '../contracts/time-budget.ts'
import type { Metrics } from '../telemetry/metrics.ts'

interface Deps {
  config: WorkerConfig
  logger: Logger
  metrics: Metrics
}

/** The clients of the three services that a worker calls. */
export interface PartyClients {
  goods: GoodsClient
  inventory: InventoryClient
  users: UserClient
  /** The services that no call reaches at present, each with its target. */
  notConnected(): string[]
  close(): void
}

/** Opens the connections to Goods, Inventory and User; each call passes the gate of its service, and is counted. */
export function partyClients(deps: Deps): PartyClients {
  const { config, logger, metrics } = deps
  const warn = (message: string) => logger.warn(message)
  logGrpcBy(warn)
  const channels = new Channels(config.connection, warn)
  const callsTo = (service: keyof typeof DEADLINES_MS) => ({
    channels,
    deadlineMs: DEADLINES_MS[service],
    onCall: metrics.onCall,
    gate: gateOf(service, deps),
  })
  const goods = new GoodsClient({ target: config.goodsTarget, ...callsTo('goods') })
  const inventory = new InventoryClient({ target: config.inventoryTarget, ...callsTo('inventory') })
  const users = new UserClient({ target: config.userTarget, ...callsTo('user') })
  const targets = { goods: config.goodsTarget, inventory: config.inventoryTarget, user: config.userTarget }
  return {
    goods,
    inventory,
    users,
    notConnected: () =>
      Object.entries(targets).flatMap(([service, target]) => (channels.isConnected(target) ? [] : `${service} (${target})`)),
    close() {
      for (const party of [goods, inventory, users]) party.close()
    },
  }
}

function gateOf(service: string, { config, logger, metrics }: Deps): CallGate {
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
