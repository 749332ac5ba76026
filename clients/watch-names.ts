import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Address } from './address.ts'
import { type Watch, watchByLooking } from './watch.ts'

/**
 * The addresses behind host names, as the system's resolver knows them. Looked up on a timer: grpc-js itself asks again only
 * after a connection broke, so it never learns of a service that grew.
 * @param everyMs between two looks
 */
export function watchNames(
  names: readonly Address[],
  { everyMs, resolve = (host) => lookup(host, { all: true }) }: { everyMs: number; resolve?: ResolveName },
): Watch {
  const last = new Map<string, string[]>()

  async function hostsOf(name: string): Promise<string[]> {
    if (isIP(name)) return [name]
    const found = (await resolve(name)).map(({ address }) => address)
    if (found.length > 0) last.set(name, found)
    return last.get(name) ?? []
  }

  return watchByLooking(async () => {
    const looks = await Promise.allSettled(names.map(({ host }) => hostsOf(host)))
    const found = looks.map((look, i) => (look.status === 'fulfilled' ? look.value : (last.get(names[i]?.host ?? '') ?? [])))
    const failure = looks.find((look) => look.status === 'rejected')
    if (failure && found.every((hosts) => hosts.length === 0)) throw failure.reason
    return names.flatMap(({ port }, i) => (found[i] ?? []).map((host) => ({ host, port })))
  }, everyMs)
}

type ResolveName = (host: string) => Promise<{ address: string }[]>
