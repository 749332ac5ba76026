import { once } from 'node:events'
import { get as getPlain } from 'node:http'
import { get as getEncrypted } from 'node:https'
import { connect } from 'node:net'
import { credentials, Metadata } from '@grpc/grpc-js'
import { type Address, addressText, parseAddress } from '../clients/address.ts'
import type { Environment, Setting } from '../config/setting.ts'
import { SETTINGS } from '../config/settings.ts'
import { TLS_OF_SERVERS } from '../config/tls-of-servers.ts'
import { HealthCheckResponse_ServingStatus, HealthClient } from '../proto/generated/grpc/health/v1/health.ts'
import type { Health } from './container-programs.ts'

/** Time within which a program has to answer, below the time-out of the image's HEALTHCHECK. Milliseconds. */
const ANSWERS_WITHIN = 4_000
/** Addresses at which a server listens that nobody can ask, and the ones at which it hears itself. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** A server of this container. */
interface Server {
  at: Address
  encrypted: boolean
  /** Callers without a certificate are refused there, whoever asks from here among them: that it refuses is all there is to see. */
  asksForCertificate: boolean
}

/**
 * Asks a program of this container how it is, by the settings that it was started with.
 * @param path `/healthz`: it lives; `/readyz`: it can do its work. Only programs that serve HTTP tell the two apart
 * @throws Error saying what did not answer, and where
 */
export async function askHealth(health: Health, env: Environment, path: '/healthz' | '/readyz'): Promise<void> {
  if (health.kind === 'http') return await askHttp(health.addresses, env, path)
  if (health.kind === 'grpc') await Promise.all(serversAt(health.addresses, env).map(askGrpc))
  else await Promise.all(health.addresses.flatMap((name) => addressOf(name, env)).map(takesConnections))
}

function addressOf(name: keyof typeof SETTINGS, env: Environment): Address[] {
  const { default: usual = '' }: Setting = SETTINGS[name]
  const address = parseAddress(env[name] || usual)
  return address ? [{ ...address, host: LOOPBACK[address.host] ?? address.host }] : []
}

function serversAt(names: readonly (keyof typeof TLS_OF_SERVERS)[], env: Environment): Server[] {
  return names.flatMap((name) => {
    const tls = TLS_OF_SERVERS[name]
    const [encrypted, asksForCertificate] = [Boolean(env[`${tls}_CERT_PATH`]), Boolean(env[`${tls}_CLIENT_CA_PATH`])]
    return addressOf(name, env).map((at) => ({ at, encrypted, asksForCertificate }))
  })
}

async function askHttp(names: Extract<Health, { kind: 'http' }>['addresses'], env: Environment, path: string) {
  const servers = serversAt(names, env)
  const asked = servers.find(({ asksForCertificate }) => !asksForCertificate) ?? servers[0]
  if (!asked) throw new Error(`none of ${names.join(', ')} is an address`)
  const { at, encrypted, asksForCertificate } = asked
  if (asksForCertificate) return await takesConnections(at)
  const url = `${encrypted ? 'https' : 'http'}://${addressText(at)}${path}`
  const options = { timeout: ANSWERS_WITHIN, rejectUnauthorized: false } // its certificate names it as others call it
  const request = encrypted ? getEncrypted(url, options) : getPlain(url, options)
  request.once('timeout', () => request.destroy(new Error('no answer')))
  const [response] = await once(request, 'response').catch((error: Error) => {
    throw new Error(`${url}: ${error.message}`)
  })
  if (response.statusCode !== 200) throw new Error(`${url} answers ${response.statusCode}`)
  response.resume()
}

async function askGrpc({ at: address, encrypted, asksForCertificate }: Server): Promise<void> {
  if (asksForCertificate) return await takesConnections(address)
  const at = addressText(address)
  const by = encrypted ? credentials.createSsl(null, null, null, { rejectUnauthorized: false }) : credentials.createInsecure()
  // An address is no name that TLS may ask for.
  const client = new HealthClient(at, by, { 'grpc.ssl_target_name_override': 'localhost' })
  await new Promise<void>((resolve, reject) => {
    client.check({ service: '' }, new Metadata(), { deadline: Date.now() + ANSWERS_WITHIN }, (error, answer) => {
      if (error) return reject(new Error(`${at}: ${error.message}`))
      if (answer.status !== HealthCheckResponse_ServingStatus.SERVING) return reject(new Error(`${at} is not serving`))
      resolve()
    })
  }).finally(() => client.close())
}

async function takesConnections(address: Address): Promise<void> {
  const socket = connect({ ...address, timeout: ANSWERS_WITHIN })
  socket.once('timeout', () => socket.destroy(new Error('no answer')))
  await once(socket, 'connect').catch((error: Error) => {
    throw new Error(`${addressText(address)}: ${error.message}`)
  })
  socket.destroy()
}
