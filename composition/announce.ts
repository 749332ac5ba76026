import type { Logger } from 'pino'
import { addressText, parseAddress } from '../clients/address.ts'
import type { ConsulAccess } from '../clients/ask-consul.ts'
import { registerInConsul } from '../clients/register-in-consul.ts'
import type { StarterConfig } from '../config/config.ts'

/** Tags of the original's registration (docs/origin.md). */
const TAGS = ['order', 'srv']

/** OrderService as others find it. */
export interface Announcement {
  /** Takes it back, so that nobody new comes. It takes at most 4 s. */
  end(): Promise<void>
}

/**
 * Registers OrderService in Consul, and keeps it registered; logs both.
 * @param listening `host:port` at which it is served
 */
export function announce(
  { agent, service, advertised }: NonNullable<StarterConfig['registration']>,
  { listening, tls, access, log }: { listening: string; tls: boolean; access?: ConsulAccess; log: Logger },
): Announcement {
  const address = advertised ?? parseAddress(listening)
  if (!address) throw new TypeError(`'${listening}' is no address`)
  const said = { agent, service, at: addressText(address) }
  const registration = registerInConsul(
    { agent, service, tags: TAGS, address, tls, ...(access && { access }) },
    {
      registered: () => log.info(said, 'registered in Consul'),
      failed: (reason) => log.warn({ ...said, error: reason }, 'can not be registered in Consul: tried again until it is'),
    },
  )
  return {
    async end() {
      const reason = await registration.end()
      if (reason === undefined) log.info(said, 'taken out of Consul')
      else log.warn({ ...said, error: reason }, 'can not be taken out of Consul: its agent does that when the checks fail')
    },
  }
}
