import assert from 'node:assert/strict'
import { carryOut } from '../../operators/carry-out.ts'
import type { OperatorDeps } from '../../operators/operator-deps.ts'
import { createProgram } from '../../operators/program.ts'
import type { Outcome } from '../../operators/verb.ts'
import type { Erased } from '../../store/recipients/erase-recipients.ts'

const ASKED = ['erase', '--user', '7', '--by', 'Ada', '--why', 'request 12']

describe('orders erase', () => {
  it('asks the store once, by the number of the user, and says what is still to be done about backups', async () => {
    const { asked, text } = await erase(ASKED, { kind: 'erased', inClear: 2, kek: 'k1' })
    assert.deepEqual(asked, [{ userId: 7, paidToo: false, by: 'Ada', why: 'request 12' }])
    assert.match(text, /recipients of user 7 are erased; 2 orders had theirs in clear.*wrapped by k1.*rewrap/)
    assert.deepEqual((await erase([...ASKED, '--paid-too'], { kind: 'nothing' })).asked, [
      { userId: 7, paidToo: true, by: 'Ada', why: 'request 12' },
    ])
  })

  it('again, finds nothing, and is no failure', async () => {
    assert.match((await erase(ASKED, { kind: 'nothing' })).text, /user 7 has no recipients/)
  })

  it('is refused by the numbers of the orders that need theirs', async () => {
    const unsettled: Erased = { kind: 'unsettled', orderSns: ['AAAAAAAAAAAAAAAA'] }
    await assert.rejects(erase(ASKED, unsettled), /need theirs \(AAAAAAAAAAAAAAAA\).*--paid-too/)
  })

  it('takes a user, a person and a reason', async () => {
    for (const bad of [
      ['erase', '--user', '7'],
      ['erase', '--user', '0', '--by', 'a', '--why', 'b'],
      ['erase', '--by', 'a', '--why', 'b'],
    ]) {
      await assert.rejects(erase(bad, { kind: 'nothing' }), { name: 'CommanderError' })
    }
  })
})

async function erase(args: string[], erased: Erased) {
  const asked: object[] = []
  const recipients = {
    async eraseRecipients(what: object) {
      asked.push(what)
      return erased
    },
  }
  let outcome: Outcome | undefined
  const program = createProgram(
    async (one) => await carryOut({ recipients } as unknown as OperatorDeps, one),
    (shown) => {
      outcome = shown
    },
  )
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => {} })
  await program.parseAsync(args, { from: 'user' })
  return { asked, text: outcome?.text ?? '' }
}
