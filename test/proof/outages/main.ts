import { parseArgs } from 'node:util'
import { endAll } from '../../support/on-end.ts'
import { testStack } from '../../support/stack.ts'
import { OUTAGES, type OutageKind, OutageShop } from './outage-shop.ts'
import { outageTable } from './outage-table.ts'
import { type OutageReport, runOutage } from './run-outage.ts'

/*
 * Takes each party away in turn, under load, and prints what became of the orders; status 1 if a promise was broken:
 *
 *     npm run outages
 *     npm run outages -- --only postgres,inventory --seconds 60 --rate 10 --intake single
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    rate: { type: 'string', default: '5' },
    intake: { type: 'string', default: 'lane' },
    only: { type: 'string', default: OUTAGES.join() },
  },
})
const [seconds, ordersPerSecond] = [Number(values.seconds), Number(values.rate)]
if (!(seconds > 0 && ordersPerSecond > 0)) throw new Error('--seconds and --rate must be numbers above 0')
const kinds = values.only.split(',')
const unknown = kinds.find((kind) => !(OUTAGES as readonly string[]).includes(kind))
if (unknown !== undefined) throw new Error(`--only must be some of ${OUTAGES.join()}, not '${unknown}'`)

const reports: OutageReport[] = []
try {
  const shop = await OutageShop.open(await testStack(), values.intake === 'single' ? 'single' : 'lane')
  for (const kind of kinds as OutageKind[]) {
    console.log(`${kind}: away for ${seconds} s under ${ordersPerSecond} orders a second`)
    reports.push(await runOutage(shop, { kind, seconds, ordersPerSecond }))
  }
  await shop.stop()
} finally {
  console.log(outageTable(reports))
  await endAll()
}
for (const violation of reports.flatMap(({ violations }) => violations)) {
  console.log(violation)
  process.exitCode = 1
}
