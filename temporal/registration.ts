import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client'
import { WORKFLOW_TYPES } from '../contracts/create-order.ts'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'

/** temporal.api.enums.v1.IndexedValueType of the types that we use. */
const INDEXED_VALUE_TYPES: Partial<Record<string, number>> = { KEYWORD: 2, KEYWORD_LIST: 7 }

/** gRPC status ALREADY_EXISTS: somebody registered it between our look and our call. */
const ALREADY_EXISTS = 6

const SWEEP_SCHEDULE = 'sweep-orders'

type Admin = Pick<Client, 'connection' | 'options' | 'schedule'>

/** Names of our search attributes that the namespace lacks, or has with another type. */
async function missingSearchAttributes({ connection, options: { namespace } }: Admin): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  return SEARCH_ATTRIBUTES.filter(({ name, type }) => customAttributes[name] !== INDEXED_VALUE_TYPES[type]).map(
    ({ name }) => name,
  )
}

/** @throws Error naming what is missing: a run could not record how it is found, and its workflow task would fail for ever */
export async function requireSearchAttributes(client: Admin): Promise<void> {
  const missing = await missingSearchAttributes(client)
  if (missing.length === 0) return
  throw new Error(
    `namespace ${client.options.namespace} lacks the search attributes ${missing.join(', ')}: run \`npm run register\` once, ` +
      'or create them in Temporal Cloud (OrderSn and UserId as KeywordList, RequestId as Keyword)',
  )
}

/**
 * Registers our search attributes in the client's namespace.
 * @returns the names of those that were missing
 */
export async function registerSearchAttributes(client: Admin): Promise<string[]> {
  const missing = await missingSearchAttributes(client)
  const wanted = SEARCH_ATTRIBUTES.filter(({ name }) => missing.includes(name))
  if (wanted.length === 0) return []
  const searchAttributes = Object.fromEntries(wanted.map(({ name, type }) => [name, INDEXED_VALUE_TYPES[type] ?? 0]))
  await client.connection.operatorService
    .addSearchAttributes({ namespace: client.options.namespace, searchAttributes })
    .catch((error: { code?: number }) => {
      if (error.code !== ALREADY_EXISTS) throw error
    })
  return missing
}

/**
 * Creates the Schedule of the sweep, or brings it up to date.
 * @param everyMs between two sweeps
 */
export async function scheduleSweep({ schedule }: Admin, taskQueue: string, everyMs: number): Promise<void> {
  const wanted = {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: WORKFLOW_TYPES.sweepOrders,
      workflowId: SWEEP_SCHEDULE,
      args: [],
      taskQueue,
    },
    // One sweep at a time; what was missed while Temporal was away needs no catching up, the next one sees it all.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10s' as const },
  }
  try {
    await schedule.create({ scheduleId: SWEEP_SCHEDULE, ...wanted })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await schedule.getHandle(SWEEP_SCHEDULE).update((current) => ({ ...current, ...wanted }))
  }
}
