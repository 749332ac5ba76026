import { ServiceError, type WorkflowClient } from '@temporalio/client'

/** A call with the client's own deadline, and a timer: the client's retries sleep without looking at the deadline. */
export async function within<T>(client: Pick<WorkflowClient, 'withDeadline'>, ms: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ServiceError(`no answer within ${ms} ms`)), ms + 100)
  })
  try {
    return await Promise.race([client.withDeadline(Date.now() + ms, call), late])
  } finally {
    clearTimeout(timer)
  }
}
