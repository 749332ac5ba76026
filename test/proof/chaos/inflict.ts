import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import type { ChaosShop } from './chaos-shop.ts'
import { Draw } from './draw.ts'
import { type CallFaultName, type FaultEvent, PARTS } from './fault-event.ts'
import type { CallFault } from './proxies/grpc-proxy.ts'

/** Later than the caller waits (the inventory's deadline is 3 s, the lane's 1.2 s at most). Milliseconds. */
const LATE_MS = 4_000
const BROKEN = { code: status.UNAVAILABLE, message: 'the network is broken' }

/** Lets it happen, and comes back when it is over. */
export async function inflict(shop: ChaosShop, event: FaultEvent): Promise<void> {
  switch (event.do) {
    case 'kill':
      return shop.signal(event.part, 'SIGKILL')
    case 'restart':
      return await shop.restart(event.part)
    case 'pause':
      shop.signal(event.part, 'SIGSTOP')
      await sleep(event.forMs)
      return shop.signal(event.part, 'SIGCONT')
    case 'break':
      return shop.ways[event.way].breakConnections()
    case 'cut':
      await shop.ways[event.way].cut()
      await sleep(event.forMs)
      return await shop.ways[event.way].mend()
    case 'silence':
      shop.ways[event.way].silence()
      await sleep(event.forMs)
      return shop.ways[event.way].breakConnections()
    case 'delay':
      shop.ways[event.way].delayMs = event.byMs
      await sleep(event.forMs)
      shop.ways[event.way].delayMs = 0
      return
    case 'calls': {
      const proxy = shop.services[event.service]
      const draw = new Draw(event.atMs)
      proxy.befall = () => (draw.chance(event.share) ? callFault(event.how) : undefined)
      await sleep(event.forMs)
      proxy.befall = () => undefined
    }
  }
}

/** Takes back whatever may still be wrong. */
export async function calm(shop: ChaosShop): Promise<void> {
  for (const proxy of Object.values(shop.services)) proxy.befall = () => undefined
  for (const part of PARTS) shop.signal(part, 'SIGCONT')
  for (const way of Object.values(shop.ways)) {
    way.delayMs = 0
    await way.mend()
  }
}

function callFault(how: CallFaultName): CallFault {
  switch (how) {
    case 'request lost':
      return { deliver: 0, answer: 'nothing' }
    case 'reply lost':
      return { answer: 'nothing' }
    case 'late':
      return { after: sleep(LATE_MS), answer: 'nothing' }
    case 'twice':
      return { deliver: 2 }
    case 'unavailable':
      return { deliver: 0, answer: BROKEN }
    case 'applied, then unavailable':
      return { answer: BROKEN }
  }
}
