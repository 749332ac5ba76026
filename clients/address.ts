/** Address of a server. Port 0 is for servers alone: the system chooses a free port. */
export interface Address {
  host: string
  port: number
}

/** `host:port` or `[IPv6]:port`; `undefined` for any other text. */
export function parseAddress(text: string): Address | undefined {
  const [, bare, bracketed, port] = /^(?:([^\s/:[\]]+)|\[([\da-fA-F:.]+)\]):(\d{1,5})$/.exec(text) ?? []
  const host = bare ?? bracketed
  return host && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined
}

/** Writes an address as `host:port`, an IPv6 address in brackets. */
export function addressText({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
