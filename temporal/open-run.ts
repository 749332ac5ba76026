import { type Client, WorkflowNotFoundError } from '@temporalio/client'

/** Whether a Workflow Execution of this id is open; one that the server has forgotten is not. */
export async function isOpen({ workflow }: Pick<Client, 'workflow'>, workflowId: string): Promise<boolean> {
  try {
    const { status } = await workflow.getHandle(workflowId).describe()
    return status.name === 'RUNNING'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}
