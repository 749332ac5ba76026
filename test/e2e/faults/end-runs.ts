import assert from 'node:assert/strict'
import { quoted } from '../../../temporal/quoted.ts'
import type { TestStack } from '../../support/stack.ts'
import { until } from './until.ts'

/**
 * Waits until no run of a task queue is open, so that its workers may be stopped and leave nothing behind.
 * @throws Error when some don't come to an end; they are terminated then, and the sweep settles their orders
 */
export async function endRuns({ client }: Pick<TestStack, 'client'>, taskQueue: string): Promise<void> {
  const query = `TaskQueue = ${quoted(taskQueue)} AND ExecutionStatus = 'Running'`
  try {
    await until(`the runs of task queue ${taskQueue} end`, async () => {
      const { count } = await client.workflow.count(query)
      assert.equal(count, 0, `${count} runs are open`)
    })
  } catch (error) {
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      await client.workflow
        .getHandle(workflowId, runId)
        .terminate('its test is over')
        .catch(() => {}) // ended meanwhile
    }
    throw error
  }
}
