import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { TlsPaths } from '../tls/tls-files.ts'
import type { Environment, ValuesFor } from './setting.ts'
import type { SETTINGS } from './settings.ts'
import { TLS_OF_SERVERS } from './tls-of-servers.ts'

type StarterValues = ValuesFor<typeof SETTINGS, 'starter'>
type WorkerValues = ValuesFor<typeof SETTINGS, 'worker'>
type CodecValues = ValuesFor<typeof SETTINGS, 'codec'>

/** The settings of TLS of the door over HTTP, as properties. */
export type NamedInHttpTls = Extract<keyof StarterValues, `httpTls${string}`>
/** The settings of TLS of the operators' address, as properties. */
export type NamedInOperationsTls = Extract<keyof StarterValues, `operationsTls${string}`>
/** The settings of TLS of the worker's metrics, as properties. */
export type NamedInMetricsTls = Extract<keyof WorkerValues, `metricsTls${string}`>
/** The settings of TLS of the codec server, as properties. */
export type NamedInCodecTls = Extract<keyof CodecValues, `codecTls${string}`>

/** The values of settings, with those of TLS of the door over HTTP as one `httpTls`; without it the door takes plain HTTP. */
export function httpTlsConfig<V extends Pick<StarterValues, NamedInHttpTls>>(
  values: V,
): Omit<V, NamedInHttpTls> & { httpTls?: TlsPaths } {
  const { httpTlsCertPath: cert, httpTlsKeyPath: key, httpTlsClientCaPath: ca, ...others } = values
  return { ...others, ...(cert && key && { httpTls: { cert, key, ...(ca && { ca }) } }) }
}

/** The same for the operators' address. */
export function operationsTlsConfig<V extends Pick<StarterValues, NamedInOperationsTls>>(
  values: V,
): Omit<V, NamedInOperationsTls> & { operationsTls?: TlsPaths } {
  const { operationsTlsCertPath: cert, operationsTlsKeyPath: key, operationsTlsClientCaPath: ca, ...others } = values
  return { ...others, ...(cert && key && { operationsTls: { cert, key, ...(ca && { ca }) } }) }
}

/** The same for the worker's metrics. */
export function metricsTlsConfig<V extends Pick<WorkerValues, NamedInMetricsTls>>(
  values: V,
): Omit<V, NamedInMetricsTls> & { metricsTls?: TlsPaths } {
  const { metricsTlsCertPath: cert, metricsTlsKeyPath: key, metricsTlsClientCaPath: ca, ...others } = values
  return { ...others, ...(cert && key && { metricsTls: { cert, key, ...(ca && { ca }) } }) }
}

/** The same for the codec server. */
export function codecTlsConfig<V extends Pick<CodecValues, NamedInCodecTls>>(
  values: V,
): Omit<V, NamedInCodecTls> & { codecTls?: TlsPaths } {
  const { codecTlsCertPath: cert, codecTlsKeyPath: key, ...others } = values
  return { ...others, ...(cert && key && { codecTls: { cert, key } }) }
}

/** Settings of TLS of servers that are right alone, and wrong together. */
export function serverTlsProblems(env: Environment): string[] {
  const problems = Object.values(TLS_OF_SERVERS).flatMap((server) => {
    const [cert, key, ca] = [`${server}_CERT_PATH`, `${server}_KEY_PATH`, `${server}_CLIENT_CA_PATH`]
    if (env[cert] && env[key])
      return isPair(env[cert], env[key]) ? [] : [`${key} does not hold the key of the certificate in ${cert}`]
    return [
      ...(env[cert] || env[key] ? [`${env[cert] ? key : cert} is missing: TLS needs a certificate and its key`] : []),
      ...(env[ca] && !env[cert] ? [`${ca} has no effect without ${cert}`] : []),
    ]
  })
  // What is for operators is served by HTTP_ADDR then, as plainly as that is.
  if (env.OPERATIONS_TLS_CERT_PATH && !env.OPERATIONS_ADDR)
    problems.push('OPERATIONS_TLS_CERT_PATH has no effect without OPERATIONS_ADDR')
  return problems
}

/** Reports whether a key is a certificate's; a file that can't be read is the problem of its own setting. */
function isPair(certPath: string, keyPath: string): boolean {
  let cert: Buffer
  let key: Buffer
  try {
    cert = readFileSync(certPath)
    key = readFileSync(keyPath)
  } catch {
    return true
  }
  if (![cert, key].every((content) => content.includes('-----BEGIN '))) return true
  try {
    createSecureContext({ cert, key })
    return true
  } catch {
    return false
  }
}
