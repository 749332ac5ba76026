import { type Address, parseAddress } from '../clients/address.ts'
import type { Environment, ValuesFor } from './setting.ts'
import type { SETTINGS } from './settings.ts'

type Values = ValuesFor<typeof SETTINGS, 'starter'>

/** The settings that say where OrderService is registered, as properties. */
export type NamedInRegistration = Extract<keyof Values, 'consulRegister' | 'grpcAdvertise'>

/** Registration of OrderService in Consul. */
export interface RegistrationConfig {
  /** Base URL of the agent's HTTP API. */
  agent: string
  service: string
  /** Address at which others reach OrderService, if it is not the one at which it listens. */
  advertised?: Address
}

/** The values of settings, with those of the registration as one `registration`; without it if there is to be none. */
export function registrationConfig<V extends Pick<Values, NamedInRegistration>>(
  values: V,
): Omit<V, NamedInRegistration> & { registration?: RegistrationConfig } {
  const { consulRegister, grpcAdvertise: advertised, ...others } = values
  return consulRegister ? { ...others, registration: { ...consulRegister, ...(advertised && { advertised }) } } : others
}

/** Hosts at which a server listens on all of its addresses: none of them is one that others can call. */
const ANY_HOST = /^(0\.0\.0\.0|[0:]+)$/

/** Settings of the registration that are right alone, and wrong together. */
export function registrationProblems({ CONSUL_REGISTER, GRPC_ADVERTISE, GRPC_ADDR = '' }: Environment): string[] {
  if (!CONSUL_REGISTER) return GRPC_ADVERTISE ? ['GRPC_ADVERTISE has no effect without CONSUL_REGISTER'] : []
  if (GRPC_ADDR === 'off') return ['CONSUL_REGISTER has no effect with GRPC_ADDR=off']
  if (GRPC_ADVERTISE || !ANY_HOST.test(parseAddress(GRPC_ADDR)?.host ?? '')) return []
  return [`GRPC_ADVERTISE is missing: nobody can call ${GRPC_ADDR}, at which GRPC_ADDR listens, so name the address to register`]
}
