import { parseArgs } from 'node:util'
import { endAll } from '../support/on-end.ts'
import { testStack } from '../support/stack.ts'
import { inventoryOutage } from './faults/inventory-outage.ts'

/*
 * An outage of the inventory under load, and what became of the orders; by default 20 s and 50 orders a second:
 *
 *     npm run outage
 *     npm run outage -- --seconds 20 --rate 50 --intake lane
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '50' },
    intake: { type: 'string', default: 'lane' },
  },
})
const [seconds, ordersPerSecond] = [Number(values.seconds), Number(values.rate)]
const intake = values.intake === 'single' ? 'single' : 'lane'
if (!(seconds > 0 && ordersPerSecond > 0)) throw new Error('--seconds and --rate must be numbers above 0')
try {
  const report = await inventoryOutage(await testStack(), { intake, ordersPerSecond, seconds })
  console.log(JSON.stringify({ intake, ordersPerSecond, seconds, ...report }, null, 2))
} finally {
  await endAll()
}
