import { Counter, type Registry } from 'prom-client'

/** @returns a function that counts one connection to OrderService that was closed unheard, above the bound of its address */
export function countRefusedConnections(registry: Registry): () => void {
  const refused = new Counter({
    name: 'rpc_server_turned_away_total',
    help: 'Connections to OrderService that were closed unheard, by the bound that they met',
    labelNames: ['reason'],
    registers: [registry],
  })
  const labels = { reason: 'too_many_of_address' }
  refused.inc(labels, 0)
  return () => refused.inc(labels)
}
