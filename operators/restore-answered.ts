import { createOrderWorkflowId } from '../contracts/create-order.ts'
import { fingerprintOf } from '../contracts/order-sn.ts'
import { answerGiven } from '../temporal/answer-given.ts'
import { requestOfRun } from '../temporal/request-of-run.ts'
import type { OperatorDeps } from './operator-deps.ts'
import { Refused } from './refused.ts'

/**
 * Brings back the row of an order that was answered as confirmed and that the store has lost, CREATING, from what its run was asked and what it
 * answered. It is confirmed and recorded by whoever asked for that (resolve-answered.ts).
 * @throws Refused if no run that has ended calls it confirmed, its request is not to be had, or its user has another order in progress
 */
export async function restoreAnswered({ client, orders, reconciliation }: OperatorDeps, orderSn: string): Promise<void> {
  const answer = await answerGiven(client, orderSn, [createOrderWorkflowId(orderSn)])
  if (!answer)
    throw new Refused(
      `the store has no order ${orderSn}, and no run that has ended calls it confirmed: check the number (16 letters A-Z and digits 2-7)`,
      { isAbsent: true },
    )
  const { workflowId, order } = answer
  if (!reconciliation.ledger) {
    throw new Refused(
      `the store has lost order ${orderSn}, and the inventory keeps no numbers, so that nobody knows whether it still holds its stock: see ` +
        'docs/runbook.md, OrdersLeftAlone',
    )
  }
  const request = await requestOfRun(client, workflowId, orderSn)
  if (!request || !order) {
    throw new Refused(
      `run ${workflowId} calls order ${orderSn} confirmed, and its ${request ? 'result' : 'input'} does not name what was ` +
        `${request ? 'answered' : 'asked'}: have the request sent again under its key`,
    )
  }
  const lines = order.lines.map(({ goodsId, num }) => ({ goodsId, num }))
  const intent = { ...request, orderSn, fingerprint: fingerprintOf(request), workflowId }
  if (await orders.restoreOrder(intent, lines)) return
  if (await orders.getOrder(orderSn)) return // its caller sent the request again meanwhile
  throw new Refused(`order ${orderSn} can't be restored now: its user has another order in progress; try again in a moment`)
}
