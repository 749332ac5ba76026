import assert from 'node:assert/strict'
import { carryOut } from '../../operators/carry-out.ts'
import { complaintOf } from '../../operators/complaint-of.ts'
import type { OperatorDeps } from '../../operators/operator-deps.ts'
import { createProgram } from '../../operators/program.ts'
import { proposedText } from '../../operators/proposed-text.ts'
import { reconciledText } from '../../operators/reconciled-text.ts'
import { sagaPicture } from '../../operators/saga-picture.ts'

const PLAIN = 'words'
const HOSTILE = 'words\u001b[2J\u001b]0;owned\u0007\r\norder AAAAAAAAAAAAAAAA is settled\u009b31m\u202e\u0000'
const SN = 'WWTLYA4IOAREUUMO'

/** Command lines of every command; those that are refused or fail quote what they were given and what they met. */
const COMMANDS: Record<string, (text: string) => string[][]> = {
  list: () => [[], ['--json']],
  // It prints a number alone.
  find: () => [],
  show: () => [[SN], [SN, '--json']],
  retry: () => [[SN]],
  cancel: () => [[SN]],
  refunds: () => [[], ['--json']],
  refunded: (text) => [[`p/${text.replaceAll('\0', '')}`, '--by', 'me', '--why', 'x']],
  erase: () => [['--user', '7', '--why', 'x']],
  // It prints a number alone.
  archive: () => [],
  seal: () => [[]],
  rewrap: () => [[]],
  events: (text) => [[], ['--json'], ['--again', text], ['--drop', text, '--why', 'x']],
  resolve: () => [[SN, '--sold', '--by', 'me', '--why', 'x'], [SN, '--as-answered', '--by', 'me', '--why', 'x'], ['--proposed']],
  reconcile: () => [[], ['--json']],
}

describe('what callers and services wrote, in the answers of operators’ commands', () => {
  it('is there for every command, and makes no line of its own and nothing that a terminal obeys', async () => {
    assert.deepEqual(
      Object.keys(COMMANDS),
      createProgram(
        async () => assert.fail('nobody asks'),
        () => {},
      ).commands.map((command) => command.name()),
    )
    for (const [name, lines] of Object.entries(COMMANDS)) {
      for (const [i, hostile] of lines(HOSTILE).entries()) {
        const [shown, usual] = [
          await answerTo([name, ...hostile], HOSTILE),
          await answerTo([name, ...(lines(PLAIN)[i] ?? [])], PLAIN),
        ]
        const of = [name, ...hostile].join(' ')
        assert.match(usual, /words/, `${of} shows what others wrote:\n${usual}`)
        assertHarmless(shown, usual, of)
      }
    }
  })

  it('is harmless in the picture of a saga, in what a comparison found and in what is proposed', () => {
    const texts = [pictureOf, comparisonOf, proposalOf]
    for (const textOf of texts) assertHarmless(textOf(HOSTILE), textOf(PLAIN), textOf.name)
  })
})

function assertHarmless(shown: string, usual: string, of: string): void {
  assert.doesNotMatch(shown, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, of)
  assert.equal(shown.split('\n').length, usual.split('\n').length, `${of}:\n${shown}`)
}

/** The answer to a command line, in a world in which every text of others is this one. */
async function answerTo(args: string[], text: string): Promise<string> {
  let answer = ''
  const program = createProgram(
    async (asked) => await carryOut(worldOf(text), asked),
    (shown) => {
      answer = shown.text
    },
  )
  await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    answer = complaintOf(error)
  })
  return answer
}

function orderOf(text: string) {
  const id = text.replaceAll('\0', '') // a run can have any other text for an id
  return {
    ...{ orderSn: SN, userId: 7, requestId: id, workflowId: id, fingerprint: text, status: 'CREATING', stockState: 'selling' },
    ...{
      owed: [],
      keyed: true,
      lines: [],
      createdAt: '2030-01-01T00:00:00.000Z',
      wasConfirmed: false,
      idleSeconds: 3,
      trouble: 'stuck',
    },
    refusal: { type: 'ServiceRejected', code: 1, message: text, details: { service: text, said: text } },
  }
}

function paymentOf(text: string) {
  const money = { amount: 1, currency: 'CNY' }
  const moments = { paidAt: 'x', receivedAt: 'x', refundedAt: text }
  return { provider: text, paymentId: text, orderSn: SN, amount: money, outcome: 'late', refund: 'owed', ...moments }
}

function worldOf(text: string): OperatorDeps {
  const away = () => Promise.reject(new Error(text))
  const event = { orderSn: SN, seq: 1, type: text, attempts: 1, since: 'x', lastError: text }
  const entry = { at: 'x', verb: 'retry', by: text, why: text, before: {}, after: {} }
  const orders = {
    troubledOrders: async () => ({ orders: [orderOf(text)] }),
    getOrder: async () => orderOf(text),
    readAudit: async () => [entry],
    paymentsOf: async () => [paymentOf(text)],
    refundsOwed: async () => ({ payments: [paymentOf(text)] }),
    markRefunded: async () => ({ kind: 'absent' }),
    resolveInDoubt: away,
  }
  const store = { holding: async () => undefined, holdingsAfter: () => away() }
  return {
    orders,
    events: { listUndelivered: async () => ({ events: [event] }), sendAgain: away, dropEvent: away },
    client: { options: { namespace: 'x' }, workflowService: { describeWorkflowExecution: away, listWorkflowExecutions: away } },
    reconciliation: { store },
    recipients: { eraseRecipients: away, recipientsInClear: away, dataKeysNotWrappedBy: away },
    ...{ keyWrapping: { current: 'k' }, sealing: { sealFor: away } },
  } as unknown as OperatorDeps
}

function pictureOf(text: string): string {
  const step = { activity: 'openOrder', outcome: text, attempt: 1, summary: text }
  const run = { workflowId: text, type: text, status: text, paused: [text], url: text, steps: [step] }
  const audit = [{ at: 'x', verb: 'retry', by: text, why: text, before: {}, after: {} }]
  const shown = { order: orderOf(text), pieces: [], payments: [paymentOf(text)], runs: [run], answeredBy: text, audit }
  return sagaPicture(shown as unknown as Parameters<typeof sagaPicture>[0])
}

function comparisonOf(text: string): string {
  const findings = [{ kind: 'unaskable', orderSn: text, units: [], advice: text }]
  const unexplained = { unaskable: { findings: 1, units: 0 } }
  const found = {
    mode: 'keyed',
    orders: 1,
    equations: [],
    findings,
    unexplained,
    repaired: [{ orderSn: text, told: text }],
    proposed: [],
  }
  return reconciledText({ ...found, explained: false } as unknown as Parameters<typeof reconciledText>[0])
}

function proposalOf(text: string): string {
  const verdicts = [{ orderSn: text, effect: 'Sell', verdict: 'sold', done: false, evidence: [] }]
  return proposedText({ applied: false, verdicts, undecided: [] } as unknown as Parameters<typeof proposedText>[0])
}
