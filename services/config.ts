import { code as currencyOf } from 'currency-codes'

const ADDRESSES = {
  goods: ['GOODS_ADDR', '127.0.0.1:8081'],
  inventory: ['INVENTORY_ADDR', '127.0.0.1:8082'],
  user: ['USER_ADDR', '127.0.0.1:8084'],
} as const

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

export type ServiceName = keyof typeof ADDRESSES

/** Where a service listens, and the setting that says so. */
export interface ListenConfig {
  setting: string
  /** `host:port`; port 0 takes a free one. */
  address: string
}

export interface ServicesConfig extends Record<ServiceName, ListenConfig> {
  /** The inventory's PostgreSQL, from `INVENTORY_DATABASE_URL`; empty where the inventory is not asked for. May hold a password: never printed. */
  inventoryDatabaseUrl: string
  /** From `INVENTORY_MODE`, as the worker reads it: `unkeyed` is the stand-in for the inventory in production. */
  inventoryMode: 'keyed' | 'unkeyed'
  /** Decimals of the prices of the goods: those of the `CURRENCY` that the worker takes them for. */
  minorDigits: number
  /** From `INVENTORY_FAULT_SEED`: with it 5 % of the calls to the unkeyed inventory meet a fault. */
  inventoryFaultSeed?: number
}

/**
 * The settings of these services.
 * @throws Error naming every wrong or missing setting at once
 */
export function readConfig(env: NodeJS.ProcessEnv, wanted: readonly ServiceName[]): ServicesConfig {
  const problems: string[] = []
  const listen = (service: ServiceName): ListenConfig => {
    const [setting, fallback] = ADDRESSES[service]
    const address = env[setting] || fallback
    if (wanted.includes(service) && !isAddress(address)) {
      problems.push(`${setting} must be host:port with a port from 0 (any free one) to 65535, not ${JSON.stringify(address)}`)
    }
    return { setting, address }
  }
  const { INVENTORY_MODE: mode = 'keyed', INVENTORY_FAULT_SEED: seed } = env
  const currency = env.CURRENCY || 'CNY'
  const config: ServicesConfig = {
    goods: listen('goods'),
    inventory: listen('inventory'),
    user: listen('user'),
    inventoryDatabaseUrl: env.INVENTORY_DATABASE_URL ?? '',
    inventoryMode: mode === 'unkeyed' ? 'unkeyed' : 'keyed',
    minorDigits: currencyOf(currency)?.digits ?? 2,
    ...(seed && { inventoryFaultSeed: Number(seed) }),
  }
  if (wanted.includes('goods') && !currencyOf(currency)) {
    problems.push(`CURRENCY must be a currency of ISO 4217, not ${JSON.stringify(currency)}`)
  }
  if (wanted.includes('inventory') && !isPostgresUrl(config.inventoryDatabaseUrl)) {
    problems.push('INVENTORY_DATABASE_URL must be the URL of a PostgreSQL database: postgres://user:password@host:5432/database')
  }
  if (wanted.includes('inventory') && !['', 'keyed', 'unkeyed'].includes(mode)) {
    problems.push(`INVENTORY_MODE must be keyed or unkeyed, not ${JSON.stringify(mode)}`)
  }
  if (wanted.includes('inventory') && seed && (mode !== 'unkeyed' || !/^[1-9]\d{0,8}$/.test(seed))) {
    problems.push('INVENTORY_FAULT_SEED must be a number from 1 to 999999999, beside INVENTORY_MODE=unkeyed')
  }
  if (!logLevelOf(env)) problems.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not ${JSON.stringify(env.LOG_LEVEL)}`)
  if (problems.length > 0) throw new Error(`Settings to mend:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
  return config
}

/** `LOG_LEVEL`, or `undefined` where it is no level. @default info */
export function logLevelOf(env: NodeJS.ProcessEnv): string | undefined {
  return LOG_LEVELS.find((level) => level === (env.LOG_LEVEL || 'info'))
}

function isAddress(text: string): boolean {
  const [, port] = /^(?:[\w.-]+|\[[\da-fA-F:]+\]):(\d{1,5})$/.exec(text) ?? []
  return port !== undefined && Number(port) <= 65_535
}

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)
}
