import type { Server, Socket } from 'node:net'
import { networkOf } from './network-of.ts'

export interface AddressBound {
  /** Connections of one address at the same time, of IPv6 its /64; 0: any number. */
  max: number
  /** False for an address that stands for many callers, such as a proxy. */
  isCounted: (address: string) => boolean
}

/** Closes connections of an address that has as many as it may: one machine does not take the places of all others. */
export function boundAddresses(
  server: Server,
  { max, isCounted, onRefused }: AddressBound & { onRefused: (address: string) => void },
): void {
  if (max === 0) return
  const held = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket
    // Absent: it has left already.
    if (remoteAddress === undefined || !isCounted(remoteAddress)) return
    const network = networkOf(remoteAddress)
    const others = held.get(network) ?? 0
    if (others >= max) {
      onRefused(network)
      socket.destroy()
      return
    }
    held.set(network, others + 1)
    socket.once('close', () => {
      const left = (held.get(network) ?? 1) - 1
      if (left > 0) held.set(network, left)
      else held.delete(network)
    })
  })
}
