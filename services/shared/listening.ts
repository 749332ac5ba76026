import type { Logger } from 'pino'
import { loggedTlsFiles } from '../../tls/logged-tls-files.ts'
import { serverCredentials } from '../../tls/server-credentials.ts'
import type { ListenConfig, ServicesConfig } from '../config.ts'

/**
 * Returns where and how a service listens: by TLS if the settings name a certificate.
 * @throws Error if a file can't be read
 */
export function listening(
  setting: string,
  address: string,
  { servicesTls }: Pick<ServicesConfig<'goods'>, 'servicesTls'>,
  log: Pick<Logger, 'info' | 'warn'>,
): ListenConfig {
  const files = loggedTlsFiles(servicesTls, 'SERVICES_TLS', log)
  return { setting, address, ...(files && { credentials: serverCredentials(files) }) }
}
