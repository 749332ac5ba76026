import type { RunClient, RunSeen } from './describe-run.ts'

type Page = Awaited<ReturnType<RunClient['workflowService']['getWorkflowExecutionHistoryReverse']>>
export type HistoryEvent = NonNullable<NonNullable<Page['history']>['events']>[number]

/** The newest events of a run's history, the last one first. */
export async function newestEvents(
  { workflowService, options }: RunClient,
  { workflowId, runId }: Pick<RunSeen, 'workflowId' | 'runId'>,
  atMost: number,
): Promise<HistoryEvent[]> {
  const { namespace } = options
  const execution = { workflowId, runId }
  const page = await workflowService.getWorkflowExecutionHistoryReverse({ namespace, execution, maximumPageSize: atMost })
  return page.history?.events ?? []
}
