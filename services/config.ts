import type { ServerCredentials } from '@grpc/grpc-js'
import { ConfigError } from '../config/config-error.ts'
import { plainLinks } from '../config/plain-links.ts'
import { withSecretFiles } from '../config/secret-files.ts'
import { type NamedInTls, serverTlsConfig, serverTlsProblems } from '../config/server-tls-config.ts'
import { readSettings, type ValuesFor } from '../config/setting.ts'
import { SETTINGS } from '../config/settings.ts'
import type { TlsPaths } from '../tls/tls-files.ts'

export type ServiceName = 'goods' | 'inventory' | 'user'

/** The settings of some of the services, as the project's one table of settings names them. */
export type ServicesConfig<Name extends ServiceName> = Omit<ValuesFor<typeof SETTINGS, Name>, NamedInTls<'servicesTls'>> & {
  /** Absent: connections are not encrypted. */
  servicesTls?: TlsPaths
}

/** Address on which a service listens, the setting that names it, and its certificates. */
export interface ListenConfig {
  setting: string
  /** `host:port`; port 0 takes a free one. */
  address: string
  /** @default the connections are not encrypted */
  credentials?: ServerCredentials
}

/**
 * Reads the settings of the services that run in this process.
 * @throws ConfigError naming every wrong or missing setting at once
 */
export function readConfig<Name extends ServiceName>(env: NodeJS.ProcessEnv, wanted: readonly Name[]): ServicesConfig<Name> {
  const { env: read, problems: ofFiles } = withSecretFiles(env)
  const { values, problems: ofSettings } = readSettings(SETTINGS, wanted, read)
  const problems = [...ofFiles, ...ofSettings, ...serverTlsProblems(read), ...plainLinks(read, wanted, {})]
  const { inventoryFaultSeed, inventoryMode }: Partial<ValuesFor<typeof SETTINGS, 'inventory'>> = values
  if (inventoryFaultSeed !== undefined && inventoryMode !== 'unkeyed') {
    problems.push('INVENTORY_FAULT_SEED has no effect without INVENTORY_MODE=unkeyed')
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return serverTlsConfig('servicesTls', values)
}
