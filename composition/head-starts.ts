import { setTimeout as sleep } from 'node:timers/promises'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import { onBehalfOf } from '../activities/running-workflow.ts'
import { timeLeft } from '../activities/time-left.ts'
import type { OrderRequest } from '../contracts/create-order.ts'
import { MAX_BATCH_BYTES } from '../contracts/create-orders.ts'
import { encodedBytes } from '../contracts/encoded-size.ts'
import type { Preparation, StepAhead } from '../contracts/steps.ts'
import { LANE_STEP_MAX_MS } from '../contracts/time-budget.ts'
import { Batch } from '../workflows/batch.ts'
import { TRIED_STEPS, type TriedSteps, tryBatch } from '../workflows/try-batch.ts'

const [FIRST_STEP] = TRIED_STEPS

/** A batch whose steps may be tried before its run comes to them. */
interface HeadStart {
  /** Tries the steps, in the run's own order and by the run's own rules, unless the run was faster. */
  begin(): void
  /** Forgets what was tried; to be called when the run has ended. */
  end(): void
  /** The answer that a step of the run has here already, or will have; each once, and none from a second round on. */
  take(step: string, isSecondRound?: boolean): Promise<unknown> | undefined
}

/**
 * The express lane's head start, if intake and worker share a process. When Temporal has acknowledged a batch it is durable;
 * its first workflow task then still needs longer to get through the SDK than all steps take (docs/adr/0013). So the steps
 * begin at once, and the run finds their answers when it gets to them: all of them by its first step, so that each further one costs it no
 * activity and no activation.
 *
 * This adds nothing to what may happen. It is an execution of the workflow task whose worker goes on to its end, which for a
 * worker that is taken for dead the protocol allows anyway (test/proof/model): the run may still take another course, be cancelled,
 * or begin anew on another worker, and meets then what the head start has left behind.
 */
export class HeadStarts {
  readonly #steps: TriedSteps
  readonly #byRun = new Map<string, HeadStart>()

  constructor(steps: TriedSteps) {
    this.#steps = steps
  }

  /** Interceptor around the activities: a step that was tried ahead is not done again. */
  readonly interceptor: ActivityInterceptorsFactory = ({ info: { workflowExecution, activityType } }) => ({
    inbound: {
      execute: async (input, next) =>
        await (this.#byRun
          .get(workflowExecution?.workflowId ?? '')
          ?.take(activityType, isOfSecondRound(activityType, input.args)) ?? next(input)),
    },
  })

  /** @param workflowId of a run that is about to be started, to be carried out by this process */
  of(workflowId: string, requests: OrderRequest[]): HeadStart {
    const answers = new Map<string, Promise<unknown>>()
    const made: StepAhead[] = []
    let tried: Promise<void> = Promise.resolve()
    let isOvertaken = false
    const ahead =
      <Args extends unknown[], Answer>(step: string, run: (...args: Args) => Promise<Answer>) =>
      async (...args: Args) => {
        const began = performance.now()
        const answering = onBehalfOf(workflowId, () => run(...args))
        if (!isOvertaken) answers.set(step, answering)
        const answer = await answering
        if (step !== FIRST_STEP) made.push({ step, ms: Math.round(performance.now() - began), answer })
        return answer
      }
    /** Waits for the other steps half as long as the first one may still take: one that is not done by then has an activity of its own. */
    const withOthers = async (first: Promise<unknown>) => {
      const prepared = (await first) as Preparation
      const isAnswered = new AbortController()
      const patience = sleep(timeLeft(LANE_STEP_MAX_MS) / 2, undefined, isAnswered).catch(() => {})
      await Promise.race([tried, patience])
      isAnswered.abort()
      if (made.length === 0 || encodedBytes(made) > MAX_BATCH_BYTES.ahead) return prepared
      return { ...prepared, ahead: [...made] }
    }
    const headStart: HeadStart = {
      begin: () => {
        if (isOvertaken) return
        const steps = TRIED_STEPS.map((step) => [
          step,
          ahead(step, this.#steps[step] as (...args: unknown[]) => Promise<unknown>),
        ])
        const tryAhead = async () => await tryBatch(new Batch(requests, workflowId), Object.fromEntries(steps))
        tried = tryAhead().catch(() => {}) // the run meets the same error, if it comes to that step
      },
      end: () => this.#byRun.delete(workflowId),
      take(step, isSecondRound = false) {
        const answer = isSecondRound ? undefined : answers.get(step)
        answers.delete(step)
        // A run that is beside us, or begins anew, goes its own way from here: answers of two executions are never mixed.
        if (!answer) {
          isOvertaken = true
          answers.clear()
          return undefined
        }
        return step === FIRST_STEP ? withOthers(answer) : answer
      },
    }
    this.#byRun.set(workflowId, headStart)
    return headStart
  }
}

/** A second round begins with the first step. */
function isOfSecondRound(step: string, [, isSecondRound]: unknown[]): boolean {
  return step === FIRST_STEP && isSecondRound === true
}
