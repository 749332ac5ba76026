import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'
import { SCHEDULED, type ScheduleId } from './scheduled.ts'

/** temporal.api.enums.v1.IndexedValueType of the types that we use. */
const INDEXED_VALUE_TYPES: Partial<Record<string, number>> = { KEYWORD: 2, KEYWORD_LIST: 7 }

/** gRPC status ALREADY_EXISTS: somebody registered it between our look and our call. */
const ALREADY_EXISTS = 6

type Admin = Pick<Client, 'connection' | 'options' | 'schedule'>

/** Names of our search attributes that the namespace lacks, and of those that it has with another type. */
async function searchAttributeGaps({ connection, options: { namespace } }: Admin) {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  const gaps = { missing: [] as string[], mistyped: [] as string[] }
  for (const { name, type } of SEARCH_ATTRIBUTES) {
    if (!Object.hasOwn(customAttributes, name)) gaps.missing.push(name)
    else if (customAttributes[name] !== INDEXED_VALUE_TYPES[type]) gaps.mistyped.push(name)
  }
  return gaps
}

/** @throws Error naming what is missing: a run could not record how it is found, and its workflow task would fail for ever */
export async function requireSearchAttributes(client: Admin): Promise<void> {
  const { missing, mistyped } = await searchAttributeGaps(client)
  if (mistyped.length > 0) throw mistypedError(client, mistyped)
  if (missing.length === 0) return
  throw new Error(
    `namespace ${client.options.namespace} lacks the search attributes ${missing.join(', ')}: run \`npm run register\` once, ` +
      'or create them in Temporal Cloud (OrderSn and UserId as KeywordList, RequestId as Keyword)',
  )
}

/**
 * Registers our search attributes in the client's namespace.
 * @returns the names of those that were missing
 * @throws Error naming those that are there with another type
 */
export async function registerSearchAttributes(client: Admin): Promise<string[]> {
  const { missing, mistyped } = await searchAttributeGaps(client)
  if (mistyped.length > 0) throw mistypedError(client, mistyped)
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

function mistypedError({ options: { namespace } }: Admin, names: string[]): Error {
  return new Error(
    `namespace ${namespace} has the search attributes ${names.join(', ')} with another type: remove them ` +
      '(OrderSn and UserId have to be KeywordList, RequestId Keyword), or use another namespace',
  )
}

/**
 * Creates a Schedule of ours, or brings it up to date.
 * @param everyMs between two runs
 */
export async function scheduleEvery(
  { schedule }: Admin,
  scheduleId: ScheduleId,
  taskQueue: string,
  everyMs: number,
): Promise<void> {
  const wanted = {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: SCHEDULED[scheduleId],
      workflowId: scheduleId,
      args: [],
      taskQueue,
    },
    // One at a time; what was missed while Temporal was away needs no catching up, the next one sees it all.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10s' as const },
  }
  try {
    await schedule.create({ scheduleId, ...wanted })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await schedule.getHandle(scheduleId).update((current) => ({ ...current, ...wanted }))
  }
}
