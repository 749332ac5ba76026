import assert from 'node:assert/strict'
import type { OperatorDeps } from '../../operators/operator-deps.ts'
import { createProgram } from '../../operators/program.ts'
import type { Archiving } from '../../store/archive/archive-old-orders.ts'

describe('orders archive', () => {
  it('archives what has been over for so many days, for a share of the time, and reports how many orders that were', async () => {
    assert.deepEqual(await archive('--older-than', '90'), {
      asked: [{ olderThanMs: 7_776_000_000, share: 10 }],
      text: '12 orders were archived that had been over, and unchanged, for 90 days; one stays for as long as it owes anything, or a payment of it is to be given back',
    })
    const { asked } = await archive('--older-than', '30d', '--share', '50')
    assert.deepEqual(asked, [{ olderThanMs: 2_592_000_000, share: 50 }])
  })

  it('takes a number of days, and a percentage', async () => {
    for (const bad of [[], ['--older-than', 'x'], ['--older-than', '-1'], ['--older-than', '9', '--share', '0']])
      await assert.rejects(archive(...bad), { name: 'CommanderError' })
  })
})

async function archive(...options: string[]) {
  const asked: Archiving[] = []
  const archiveOldOrders = async (archiving: Archiving) => {
    asked.push(archiving)
    return { archived: 12, more: false }
  }
  let text = ''
  const deps = { orders: { archiveOldOrders } } as unknown as OperatorDeps
  const program = createProgram(
    async ({ verb, given, why }) => await verb.run(deps, given, { by: 'Ada', why }),
    (outcome) => {
      text = outcome.text
    },
  )
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => {} })
  await program.parseAsync(['archive', ...options], { from: 'user' })
  return { asked, text }
}
