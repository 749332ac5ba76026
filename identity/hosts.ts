/** Names by which a machine calls itself. No other machine can make them its own: a rebound DNS name has another. */
const OF_THIS_MACHINE = ['localhost', '[::1]', '::1']

/** Reports whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return OF_THIS_MACHINE.includes(host.toLowerCase()) || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

/** Returns the host of the header `Host`, without its port. */
export function hostIn(header: string): string {
  return header.replace(/:\d*$/, '').toLowerCase()
}
