/** Database of the server, and the addresses on which it listens. */
export interface ServerPlan {
  postgres: { port: number; user: string; password: string }
  /** Ports of the server's four services, each with one for membership beside the one for gRPC. Clients use the frontend's. */
  ports: Record<ServiceName, { grpc: number; membership: number }>
  /** YAML file with the dynamic configuration, which it reads again when that changes. */
  dynamicConfigFile: string
  /**
   * Number of history shards, chosen when a cluster starts for the first time, and never changed. Each shard has queues of its own, which are polled, and
   * takes one update of a workflow after the other: more of them than cores wait for cores.
   */
  historyShards: number
}

export const SERVICE_NAMES = ['frontend', 'history', 'matching', 'worker'] as const
type ServiceName = (typeof SERVICE_NAMES)[number]

/** Its databases; both on one server here. */
export const DATABASES = { main: 'temporal', visibility: 'temporal_visibility' } as const

/** Connections of each service to each database at most: four services leave most of PostgreSQL's 200 to the bench. */
const MAX_CONNECTIONS = { main: 20, visibility: 5 }

/** The static configuration of a server that runs all of its services in one process on 127.0.0.1. */
export function serverConfig({ postgres, ports, dynamicConfigFile, historyShards }: ServerPlan): object {
  const store = (name: keyof typeof DATABASES) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName: DATABASES[name],
      connectAddr: `127.0.0.1:${postgres.port}`,
      connectProtocol: 'tcp',
      user: postgres.user,
      password: postgres.password,
      maxConns: MAX_CONNECTIONS[name],
      // Opening one costs a process of PostgreSQL: those that are there stay.
      maxIdleConns: MAX_CONNECTIONS[name],
      maxConnLifetime: '1h',
    },
  })
  const services = SERVICE_NAMES.map((name) => {
    const { grpc, membership } = ports[name]
    return [name, { rpc: { grpcPort: grpc, membershipPort: membership, bindOnLocalHost: true } }]
  })
  const disabled = { state: 'disabled' }
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'main',
      visibilityStore: 'visibility',
      numHistoryShards: historyShards,
      datastores: { main: store('main'), visibility: store('visibility') },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(services),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${ports.frontend.grpc}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: disabled, visibility: disabled },
    namespaceDefaults: { archival: { history: disabled, visibility: disabled } },
    dynamicConfigClient: { filepath: dynamicConfigFile, pollInterval: '10s' },
  }
}
