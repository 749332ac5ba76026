import { ConfigError } from '../config/config-error.ts'
import { plainLinks } from '../config/plain-links.ts'
import { withSecretFiles } from '../config/secret-files.ts'
import { readSettings, type ValuesFor } from '../config/setting.ts'
import { SETTINGS } from '../config/settings.ts'

export type ServiceName = 'goods' | 'inventory' | 'user'

/** The settings of some of the services, as the project's one table of settings names them. */
export type ServicesConfig<Name extends ServiceName> = ValuesFor<typeof SETTINGS, Name>

/** Address on which a service listens, and the setting that names it. */
export interface ListenConfig {
  setting: string
  /** `host:port`; port 0 takes a free one. */
  address: string
}

/**
 * Reads the settings of the services that run in this process.
 * @throws ConfigError naming every wrong or missing setting at once
 */
export function readConfig<Name extends ServiceName>(env: NodeJS.ProcessEnv, wanted: readonly Name[]): ServicesConfig<Name> {
  const { env: read, problems: ofFiles } = withSecretFiles(env)
  const { values, problems: ofSettings } = readSettings(SETTINGS, wanted, read)
  const problems = [...ofFiles, ...ofSettings, ...plainLinks(read, wanted, {})]
  const { inventoryFaultSeed, inventoryMode }: Partial<ServicesConfig<'inventory'>> = values
  if (inventoryFaultSeed !== undefined && inventoryMode !== 'unkeyed') {
    problems.push('INVENTORY_FAULT_SEED has no effect without INVENTORY_MODE=unkeyed')
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return values
}
