import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/** The proxies whose word counts about whom they speak for. Whatever anybody else says in X-Forwarded-For is their own invention. */
export class TrustedProxies {
  readonly #list = new BlockList()
  readonly #isEmpty: boolean

  /**
   * @param networks addresses, or networks as `10.0.0.0/8`
   * @throws Error saying which one is neither
   */
  constructor(networks: readonly string[]) {
    this.#isEmpty = networks.length === 0
    for (const network of networks) {
      const [address = '', bits, more] = network.split('/')
      const length = bits === undefined ? (isIPv4(address) ? 32 : 128) : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
      if (more !== undefined || isIP(address) === 0 || !(length <= (isIPv4(address) ? 32 : 128))) {
        throw new Error(`has ${network}, which is neither an address nor a network as 10.0.0.0/8`)
      }
      this.#list.addSubnet(address, length, familyOf(address))
    }
  }

  trusts(address: string): boolean {
    if (this.#isEmpty) return false
    const bare = address.replace(/^::ffff:(?=\d+\.)/i, '')
    return isIP(bare) !== 0 && this.#list.check(bare, familyOf(bare))
  }

  /**
   * @param forwardedFor the values of X-Forwarded-For, in their order: each proxy appends the address that called it
   * @returns the address of the last one on the way that is no trusted proxy; that of `peer` if it is none itself
   */
  originOf(peer: string, forwardedFor: readonly string[]): string {
    const hops = forwardedFor.flatMap((value) => value.split(',')).map((hop) => hop.trim())
    let origin = peer
    while (this.trusts(origin)) {
      const before = hops.pop()
      // What a proxy could not say, nobody before it said.
      if (before === undefined || isIP(before) === 0) return origin
      origin = before
    }
    return origin
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4'
}
