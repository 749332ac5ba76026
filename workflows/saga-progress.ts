import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow'
import { PROGRESS_QUERY, type Progress, type SagaStepName } from '../contracts/create-order.ts'
import { markdownCode } from '../contracts/markdown-code.ts'
import type { Line } from '../contracts/order.ts'

export const progressQuery = defineQuery<Progress>(PROGRESS_QUERY)

const LINES_SHOWN = 20

/** Progress of one saga: answers the query `progress`, and writes the current details of the web UI. */
export class SagaProgress {
  step: SagaStepName = 'openOrder'
  orderSn: string | undefined
  #lines: readonly Line[] | undefined
  #failure: string | undefined
  /** True if it is certain that no run which has ended was at this order. */
  isOwn = false
  readonly undone: string[] = []

  constructor() {
    setHandler(
      progressQuery,
      () => ({
        step: this.step,
        undone: [...this.undone],
        ...(this.orderSn !== undefined && { orderSn: this.orderSn }),
        ...(this.#lines && { lines: this.#lines.length }),
        ...(this.#failure !== undefined && { failure: this.#failure }),
      }),
      { description: 'Where the saga stands: step, order number, what was undone' },
    )
    this.#show()
  }

  at(step: SagaStepName): void {
    this.step = step
    this.#show()
  }

  opened(orderSn: string, lines: readonly Line[], isOwn = false): void {
    this.orderSn = orderSn
    this.isOwn = isOwn
    this.#lines = lines
  }

  failed(type: string): void {
    this.#failure = type
  }

  undid(what: string): void {
    this.undone.push(what)
    this.#show()
  }

  /** No personal data: histories of visibility are not encrypted. */
  #show(): void {
    const rows = (this.#lines ?? []).slice(0, LINES_SHOWN).map(({ goodsId, num }) => `| ${goodsId} | ${num} |`)
    const left = (this.#lines?.length ?? 0) - rows.length
    setCurrentDetails(
      [
        `**Step:** ${this.step}`,
        `**Order:** ${this.orderSn ? markdownCode(this.orderSn) : 'not opened yet'}`,
        ...(this.#failure
          ? [
              `**Failure:** ${markdownCode(this.#failure)}`,
              `**Undone:** ${this.undone.map(markdownCode).join(', ') || 'nothing yet'}`,
            ]
          : []),
        ...(rows.length > 0 ? [['| goods | pieces |', '|---|---|', ...rows].join('\n')] : []),
        ...(left > 0 ? [`and ${left} more lines`] : []),
      ].join('\n\n'),
    )
  }
}
