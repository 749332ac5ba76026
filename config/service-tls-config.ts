import type { ConnectionSettings, TlsSettings } from '../clients/connection-settings.ts'
import { SERVICES, type Service } from './service-tls-settings.ts'
import type { Environment } from './setting.ts'

/** The settings of TLS of one service, as properties. */
export type NamedInServiceTls = `${Lowercase<Service>}Tls${'' | 'CaPath' | 'CertPath' | 'KeyPath' | 'ServerName'}`
export type ServiceTlsValues = { [Name in NamedInServiceTls]?: Name extends `${string}Tls` ? boolean : string }

/**
 * TLS of each service that has settings of its own.
 * @param common of all services, whether they use TLS or not
 */
export function tlsOfServices(
  values: ServiceTlsValues,
  isCommon: boolean,
  common: TlsSettings,
): NonNullable<ConnectionSettings['services']> {
  const own = SERVICES.map((service) => service.toLowerCase() as Lowercase<Service>).flatMap((service) => {
    const on = values[`${service}Tls`]
    const ca = values[`${service}TlsCaPath`]
    const cert = values[`${service}TlsCertPath`]
    const key = values[`${service}TlsKeyPath`]
    const serverName = values[`${service}TlsServerName`]
    if ([on, ca, cert, key, serverName].every((value) => value === undefined)) return []
    const tls = { ...common, ...(ca && { ca }), ...(cert && key && { cert, key }), ...(serverName && { serverName }) }
    return [[service, (on ?? isCommon) ? { tls: tls as TlsSettings } : {}] as const]
  })
  return Object.fromEntries(own)
}

/** True for the name of a property that is one of a service's settings of TLS. */
export function isOfServiceTls(name: string): boolean {
  return SERVICES.some((service) => name.startsWith(`${service.toLowerCase()}Tls`))
}

/** True if connections to a service are encrypted. */
export function usesTls(env: Environment, service: Service): boolean {
  // An empty variable is one that is not set.
  return (env[`${service}_TLS`] || env.GRPC_TLS) === 'true'
}

/** Settings that are right alone, and wrong together. */
export function serviceTlsProblems(env: Environment): string[] {
  return SERVICES.flatMap((service) => {
    const problems: string[] = []
    const cert = env[`${service}_TLS_CERT_PATH`]
    if (Boolean(cert) !== Boolean(env[`${service}_TLS_KEY_PATH`]))
      problems.push(`${service}_TLS_${cert ? 'KEY' : 'CERT'}_PATH is missing: a client certificate needs both parts`)
    for (const what of ['CA_PATH', 'CERT_PATH', 'SERVER_NAME']) {
      const name = `${service}_TLS_${what}`
      if (env[name] && !usesTls(env, service))
        problems.push(`${name} has no effect without ${service}_TLS=true, or GRPC_TLS=true`)
    }
    return problems
  })
}
