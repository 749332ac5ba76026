import assert from 'node:assert/strict'
import { type handleUnaryCall, status } from '@grpc/grpc-js'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { proveKeyed } from '../../clients/prove-keyed.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { InventoryServiceService, SaleState } from '../../proto/generated/inventory.ts'
import { until } from '../e2e/faults/until.ts'
import { AMPLE_MS } from './ample.ts'
import { type Listening, listening } from './listening.ts'

const keyed = {
  getSale: ({ request }: { request: object }, done: (error: null, answer: object) => void) =>
    done(null, { ...request, state: SaleState.SALE_STATE_NONE, goodsInvInfo: [] }),
}
const { getSale, ...unkeyedMethods } = InventoryServiceService

describe('the proof that the inventory honours order numbers', () => {
  const servers: Listening[] = []
  const clients: InventoryClient[] = []
  const waits: string[] = []
  const stopping = new AbortController()
  const prove = (target: string, signal: AbortSignal = stopping.signal) => {
    const client = new InventoryClient({ target, deadlineMs: AMPLE_MS })
    clients.push(client)
    return proveKeyed(client, { signal, onWait: (reason) => waits.push(reason) })
  }
  const serve = async (...parts: Parameters<typeof listening>) => {
    const server = await listening(...parts)
    servers.push(server)
    return server.address
  }

  beforeEach(() => {
    waits.length = 0
  })
  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
    for (const server of servers.splice(0)) server.stop()
  })

  it('is given by one that has GetSale', async () => {
    await prove(await serve(InventoryServiceService, keyed))
    assert.deepEqual(waits, [])
  })

  it('fails for one that has not, as the original, and names the setting', async () => {
    for (const [definition, implementation] of [
      [unkeyedMethods, {}],
      [InventoryServiceService, {}],
    ] as const) {
      await assert.rejects(prove(await serve(definition, implementation)), /no GetSale.* would sell twice.*INVENTORY_MODE/)
    }
  })

  it('waits for one that is away, says why, and goes on when it is there', async () => {
    const address = `127.0.0.1:${await freePort()}`
    const proof = prove(address)
    await until('it waits', () => assert.ok(waits.length > 0))
    assert.match(waits[0] ?? '', /^UNAVAILABLE: /)
    await serve(InventoryServiceService, keyed, address)
    await proof
  })

  it('waits for one that is broken, and says each reason once: that it has no order numbers is not known yet', async () => {
    let calls = 0
    const getSale: handleUnaryCall<object, object> = (call, done) =>
      ++calls <= 2 ? done({ code: status.INTERNAL, details: 'starting' }) : keyed.getSale(call, done)
    await prove(await serve(InventoryServiceService, { getSale }))
    assert.deepEqual(waits, ['INTERNAL: starting'])
  })

  it('gives up when the process is asked to stop', async () => {
    const stop = new AbortController()
    const proof = prove(`127.0.0.1:${await freePort()}`, stop.signal)
    const ended = assert.rejects(proof, { name: 'AbortError' })
    await until('it waits', () => assert.ok(waits.length > 0))
    stop.abort()
    await ended
  })
})
