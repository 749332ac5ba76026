import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Client, Connection } from '@temporalio/client'
import { InventoryServiceService, SaleState } from '../../proto/generated/inventory.ts'
import { registerSearchAttributes, scheduleEvery } from '../../temporal/registration.ts'
import { type Listening, listening } from '../clients/listening.ts'
import { until } from '../e2e/faults/until.ts'
import { EventShop } from '../support/event-shop.ts'
import { Receiver, SECRET } from '../support/receiver.ts'
import { testTemporal } from '../support/temporal.ts'
import { freshNamespace } from './fresh-namespace.ts'
import { spawnWorker } from './spawn-worker.ts'

const ORDERS = 30

describe('the delivery of events by a worker that is killed', () => {
  let client: Client & { connection: Connection }
  let shop: EventShop
  let receiver: Receiver
  let inventory: Listening
  const children: ChildProcess[] = []

  before(async () => {
    client = await freshNamespace()
    await registerSearchAttributes(client)
    shop = await EventShop.open()
    receiver = await Receiver.open()
    inventory = await listening(InventoryServiceService, {
      getSale: ({ request }: { request: object }, done: (error: null, answer: object) => void) =>
        done(null, { ...request, state: SaleState.SALE_STATE_NONE, goodsInvInfo: [] }),
    })
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await client.schedule.getHandle('deliver-events').delete()
    inventory.stop()
    await receiver.close()
    await shop.close()
    await client.connection.close()
  })

  it('loses no event, and keeps those of each order in order, though its receiver fails now and then', async () => {
    await scheduleEvery(client, 'deliver-events', 'events', 1_000)
    const orders = await Promise.all(Array.from({ length: ORDERS }, () => shop.confirmed()))
    for (const orderSn of orders) await shop.pay(orderSn)
    let requests = 0
    receiver.answer = () => (requests++ % 5 === 0 ? 503 : 204)
    for (const atLeast of [10, 40]) {
      const child = await worker()
      await until('events arrive', () => assert.ok(receiver.taken.length >= atLeast, `${receiver.taken.length}`))
      child.kill('SIGKILL')
      await once(child, 'exit')
      for (const orderSn of orders) await shop.pay(orderSn)
    }
    await worker()
    await until('every event has arrived', () => {
      const left = orders.filter((orderSn) => receiver.firstOf(orderSn).length < 4)
      assert.deepEqual(left, [])
    })
    for (const orderSn of orders) assert.deepEqual(receiver.firstOf(orderSn), [1, 2, 3, 4])
  })

  async function worker(): Promise<ChildProcess> {
    const { address } = await testTemporal()
    const child = spawnWorker({
      DATABASE_URL: shop.url,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: client.options.namespace,
      TASK_QUEUE: 'events',
      INVENTORY_TARGET: inventory.address,
      EVENTS_WEBHOOK_URL: receiver.url,
      EVENTS_WEBHOOK_SECRET: SECRET,
    })
    children.push(child)
    return child
  }
})
