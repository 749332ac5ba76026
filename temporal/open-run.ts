import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { namesOrder } from './names-order.ts'

/**
 * Whether a Workflow Execution of this id is open and may be at this order: one that names no order (yet) may be. One that the
 * server has forgotten is not open.
 */
export async function isOpen({ workflow }: Pick<Client, 'workflow'>, workflowId: string, orderSn: string): Promise<boolean> {
  try {
    const run = await workflow.getHandle(workflowId).describe()
    return run.status.name === 'RUNNING' && namesOrder(run, orderSn) !== false
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}
