import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { TlsPaths } from '../tls/tls-files.ts'
import type { Environment } from './setting.ts'
import { TLS_OF_SERVERS } from './tls-of-servers.ts'

/** The settings of TLS of one server, as properties: `httpTlsCertPath` of `httpTls`. */
export type NamedInTls<S extends string> = `${S}${'CertPath' | 'KeyPath' | 'ClientCaPath'}`

/** The values of settings, with those of TLS of one server as one property, such as `httpTls`; without it connections are not encrypted. */
export function serverTlsConfig<S extends string, V>(
  server: S,
  values: V,
): Omit<V, NamedInTls<S>> & { [property in S]?: TlsPaths } {
  const {
    [`${server}CertPath`]: cert,
    [`${server}KeyPath`]: key,
    [`${server}ClientCaPath`]: ca,
    ...others
  } = values as Record<string, string | undefined>
  const tls = cert && key && { [server]: { cert, key, ...(ca && { ca }) } }
  return { ...others, ...tls } as Omit<V, NamedInTls<S>> & { [property in S]?: TlsPaths }
}

/** Settings of TLS of servers that are right alone, and wrong together. */
export function serverTlsProblems(env: Environment): string[] {
  const problems = [...new Set(Object.values(TLS_OF_SERVERS))].flatMap((server) => {
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
