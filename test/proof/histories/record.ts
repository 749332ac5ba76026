import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { handOverActivities } from '../../../activities/hand-over.ts'
import { settlingActivities } from '../../../activities/settling.ts'
import { HeadStarts } from '../../../composition/head-starts.ts'
import type { OrderRequest } from '../../../contracts/create-order.ts'
import { MISMATCHES, type ReconciliationSummary } from '../../../contracts/reconciliation.ts'
import type { ArchiveRound, EventRound } from '../../../contracts/steps.ts'
import { startOwnRun } from '../../../temporal/start-own-run.ts'
import { startSettling } from '../../../temporal/start-settling.ts'
import { fakeLane } from '../../support/fake-lane.ts'
import { FakeShop } from '../../support/fake-shop.ts'
import { endAll } from '../../support/on-end.ts'
import { testTemporal } from '../../support/temporal.ts'
import { quietRuntime, workflowBundle } from '../../support/workflow-runs.ts'
import { writeHistory } from './history-json.ts'
import { OUTCOMES, type Start } from './outcomes.ts'

/**
 * `node --import tsx test/proof/histories/record.ts [--force] [name…]`: runs the workflows as they are now, once for each outcome,
 * and writes the histories that replay.test.ts replays. A file that is there already stays: it is what runs out there look
 * like. Only `--force` records it again, after a change that no running workflow has to survive.
 */
const force = process.argv.includes('--force')
const names = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))

/** Identity of the worker. Without it, histories would name this machine and its processes. */
const IDENTITY = 'recorder'

const COMPARED: ReconciliationSummary = {
  orders: 2,
  unexplained: Object.fromEntries(
    Object.keys(MISMATCHES).map((kind) => [
      kind,
      { units: kind === 'never-sold' ? 3 : 0, findings: kind === 'never-sold' ? 1 : 0 },
    ]),
  ) as ReconciliationSummary['unexplained'],
  orderSns: ['ABCDEFGHIJKLMNOP'],
}

/** Answers of the rounds that deliver events: two with more behind them. */
const ROUNDS: EventRound[] = [
  { delivered: 200, failed: 0, removed: 0, more: true },
  { delivered: 3, failed: 1, removed: 9, more: true },
]

/** Answers of the rounds that archive old orders: one with more behind it. */
const ARCHIVED: ArchiveRound[] = [{ archived: 12_000, more: true }]

quietRuntime()
try {
  const { address } = await testTemporal()
  const connection = await Connection.connect({ address })
  const native = await NativeConnection.connect({ address })
  const client = new Client({ connection, identity: IDENTITY })
  for (const [name, outcome] of Object.entries(OUTCOMES)) {
    const file = new URL(`./${name}.json`, import.meta.url)
    if ((names.length > 0 && !names.includes(name)) || (existsSync(file) && !force)) continue
    const shop = new FakeShop()
    const taskQueue = `record-${name}`
    const lane = fakeLane(shop)
    const headStarts = new HeadStarts(lane)
    const worker = await Worker.create({
      connection: native,
      identity: IDENTITY,
      taskQueue,
      interceptors: { activity: [headStarts.interceptor] },
      workflowBundle: await workflowBundle(),
      activities: {
        ...shop.activities(),
        ...lane,
        ...handOverActivities({ startOwnRun: (request, by) => startOwnRun(client, request, by) }),
        ...settlingActivities({ startSettling: (orderSn, queue) => startSettling(client, orderSn, queue) }),
        compareWithInventory: async () => COMPARED,
        archiveRound: async () => ARCHIVED.shift() ?? { archived: 0, more: false },
        deliverEventRound: async () => ROUNDS.shift() ?? { delivered: 0, failed: 0, removed: 0, more: false },
      },
    })
    const history = await worker.runUntil(async () => {
      let runs = 0
      const start: Start = (type, input, options) => {
        const workflowId = `${name}-${++runs}`
        if (outcome.ahead) headStarts.of(workflowId, input as OrderRequest[]).begin()
        return client.workflow.start(type, { workflowId, taskQueue, args: input === undefined ? [] : [input], ...options })
      }
      const handle = await outcome.run(start, shop)
      await handle.result().catch(() => {}) // refused is an outcome too
      return await handle.fetchHistory()
    })
    await writeFile(file, writeHistory(history))
    console.log(`${name}: ${history.events?.length} events`)
  }
  await native.close()
  await connection.close()
} finally {
  await endAll()
}
