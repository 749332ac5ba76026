import type { SETTINGS } from '../config/settings.ts'
import type { TLS_OF_SERVERS } from '../config/tls-of-servers.ts'

type Setting = keyof typeof SETTINGS

/** The way in which a program of the image shows that it lives: over HTTP, by gRPC's health service, or by taking connections. */
export type Health =
  | { kind: 'http'; addresses: readonly (keyof typeof TLS_OF_SERVERS)[] }
  | { kind: 'grpc'; addresses: readonly (keyof typeof TLS_OF_SERVERS)[] }
  | { kind: 'connection'; addresses: readonly Setting[] }

/** A program that the image runs. */
export interface ContainerProgram {
  /** Module of the build, without its ending. */
  module: string
  /** Absent for what is done at once. The settings name where it listens: of `http` the first that takes callers without a certificate is asked, of the others each. */
  health?: Health
}

/** The programs of the image, by the names of their npm scripts (deploy/Containerfile); goods, inventory and user are those of `services`, each in a container of its own. */
export const CONTAINER_PROGRAMS: Readonly<Record<string, ContainerProgram>> = {
  worker: { module: 'worker', health: { kind: 'http', addresses: ['METRICS_ADDR'] } },
  starter: { module: 'starter', health: { kind: 'http', addresses: ['OPERATIONS_ADDR', 'HTTP_ADDR'] } },
  migrate: { module: 'composition/migrate' },
  register: { module: 'composition/register' },
  orders: { module: 'operators/main' },
  codec: { module: 'composition/codec', health: { kind: 'connection', addresses: ['CODEC_ADDR'] } },
  import: { module: 'import/main' },
  services: { module: 'services/main', health: { kind: 'grpc', addresses: ['GOODS_ADDR', 'INVENTORY_ADDR', 'USER_ADDR'] } },
  goods: { module: 'services/goods/main', health: { kind: 'grpc', addresses: ['GOODS_ADDR'] } },
  inventory: { module: 'services/inventory/main', health: { kind: 'grpc', addresses: ['INVENTORY_ADDR'] } },
  user: { module: 'services/user/main', health: { kind: 'grpc', addresses: ['USER_ADDR'] } },
}
