import { type Address, addressText, parseAddress } from './address.ts'

/** Place where a service is found. */
export type Target =
  | { kind: 'addresses'; addresses: Address[] }
  /** `agent` is the base URL of a Consul agent's HTTP API, over HTTPS if it was written consuls://, `filter` further parameters of its query (tag, dc, …). */
  | { kind: 'consul'; agent: string; service: string; filter: URLSearchParams }

const SHAPES = 'host:port, host:port,host:port, dns:///host:port, consul://agent:8500/service or consuls://agent:8501/service'

/**
 * Reads a target. Host names are looked up again and again in every form of them; a list is one service, balanced.
 * @throws Error saying what the text has to be; it repeats the text unless that may hold a password
 */
export function parseTarget(text: string): Target {
  const { scheme, rest = text } = /^(?<scheme>dns|ipv4|ipv6|consuls?):(?!\d+(,|$))(?<rest>.*)$/s.exec(text)?.groups ?? {}
  const found = scheme?.startsWith('consul')
    ? consulTarget(text)
    : addressesTarget(scheme === 'dns' ? rest.replace(/^\/\/\//, '') : rest)
  // What has an @ may have a password before it.
  if (!found) throw new Error(`must be ${SHAPES}${text.includes('@') ? '' : `, not '${text}'`}`)
  return found
}

function addressesTarget(text: string): Target | undefined {
  const addresses = text.split(',').map(parseAddress)
  return addresses.every((address) => address !== undefined && address.port > 0)
    ? { kind: 'addresses', addresses: addresses as Address[] }
    : undefined
}

function consulTarget(text: string): Target | undefined {
  // Of a scheme that it does not know, URL leaves the host as it is written: http makes it judge.
  const url = text.replace(/^consul/, 'http')
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) return undefined
  const { origin, pathname, searchParams, username } = new URL(url)
  const [, service = '', more] = pathname.split('/')
  if (!service || more !== undefined || username) return undefined
  return { kind: 'consul', agent: origin, service: decodeURIComponent(service), filter: searchParams }
}

/** The name that a call and a certificate are checked against: that of the first address, or of the service in the registry. */
export function authorityOf(target: Target): string {
  return target.kind === 'consul' ? target.service : addressText(target.addresses[0] as Address)
}
