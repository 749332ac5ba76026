import assert from 'node:assert/strict'
import type { EventEmitter } from 'node:events'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { inventoryActivities } from '../../activities/inventory.ts'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { failureOf } from '../../contracts/application-failure.ts'
import { failure } from '../../contracts/failures.ts'
import { InventoryServiceService } from '../../proto/generated/inventory.ts'
import { listening } from '../clients/listening.ts'
import { until } from '../e2e/faults/until.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { testTemporal } from '../support/temporal.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

const INPUT = { userId: 7, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: [{ goodsId: 1, num: 2 }] }
/** Long enough for a cancellation that does not wait to have settled by then. Milliseconds. */
const DEADLINE_MS = 1_500

type Call = EventEmitter & { getDeadline(): Date | number }

describe('an effect in flight when its run is cancelled', () => {
  it('ends by its deadline, and only then the order is settled: nothing is given back under a Sell', async () => {
    const events: string[] = []
    const server = await listening(InventoryServiceService, {
      sell(call: Call) {
        events.push('Sell begins')
        call.on('cancelled', () => events.push('Sell ends'))
      },
      reback(_: Call, done: (error: null, empty: object) => void) {
        events.push('Reback')
        done(null, {})
      },
    })
    const inventory = new InventoryClient({ target: server.address, deadlineMs: DEADLINE_MS })
    const { address, namespace } = await testTemporal()
    const connection = await NativeConnection.connect({ address })
    const client = new Client({ connection: await Connection.connect({ address }), namespace })
    const shop = new FakeShop()
    // The order's row, as far as the effects ask for it: closed behind the Sell.
    const stockClaims = async ([orderSn = '']: string[]) => {
      const isClosed = shop.calls.includes('voidOrder')
      const state = isClosed ? { status: 'TRADE_CLOSED', stockState: 'returning' } : { status: 'CREATING', stockState: 'selling' }
      return new Map([
        [orderSn, { orderSn, ...state, keyed: true, held: {}, owed: isClosed ? ['inventory'] : [], lines: INPUT.lines }],
      ])
    }
    const orders = { stockClaims, markReturned: async () => [] } as never
    const { sell, reback } = inventoryActivities({ inventory, orders })
    try {
      await withWorker({ connection, client, namespace }, { ...shop.activities(), sell, reback }, async (start) => {
        const run = await start('createOrder', INPUT)
        await until('the Sell is under way', () => assert.deepEqual(events, ['Sell begins']))
        await run.cancel()
        const ended = await outcome(run)
        assert.ok('status' in ended && ended.status === 'CancelledFailure', JSON.stringify(ended))
      })
      assert.deepEqual(events, ['Sell begins', 'Sell ends', 'Reback'])
      assert.deepEqual(shop.calls.slice(-1), ['voidOrder'])
    } finally {
      inventory.close()
      server.stop()
      await client.connection.close()
      await connection.close()
    }
  })

  it('decides nothing by a failure that would pass: the order is refused for what ended its run', async () => {
    const parts = await connectParts()
    let away = () => {}
    const untilAway = new Promise<never>((_, reject) => {
      away = () => reject(failureOf(failure('ServiceUnavailable', 'inventory does not answer')))
    })
    untilAway.catch(() => {})
    const shop = new FakeShop().before('sell', () => untilAway)
    try {
      await withWorker(parts, shop.activities(), async (start) => {
        const run = await start('createOrder', INPUT)
        await until('the Sell is under way', () => assert.ok(shop.calls.includes('sell')))
        await run.cancel()
        await until('the Sell is to be cancelled', async () => {
          const { events } = await run.fetchHistory()
          assert.ok((events ?? []).some((event) => event.activityTaskCancelRequestedEventAttributes))
        })
        away()
        const ended = await outcome(run)
        assert.ok('status' in ended && ended.status === 'CancelledFailure', JSON.stringify(ended))
        assert.deepEqual(
          [...shop.rows.values()].map(({ refusal }) => refusal?.type),
          ['OrderCancelled'],
        )
      })
    } finally {
      await parts.close()
    }
  })
})
