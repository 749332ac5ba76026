import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { LIFE_SAFEGUARDS, type LifeSafeguard, lifeWithout } from './safeguards.ts'
import { LIFE_WORLDS } from './worlds.ts'

type World = keyof typeof LIFE_WORLDS

const UNSOLD = 'what stands is SOLD'
const HAS_ITS_MONEY = 'what is paid has one accepted payment, of its amount'
const STAYS_CLOSED = 'who was told that it is closed never has it paid'
const RECORDED = 'a payment that was answered is recorded'
const STOCK_LEAKS = 'when quiet, stock and standing orders make what there was'
const GIVEN_BACK_TWICE = 'stock is given back at most once'
const NEEDLESS_DOUBT = 'only what was cut off is in doubt'
const SOLD_UNEXPLAINED = 'when quiet, what was sold is PAYING, given back, or in doubt'
const OUT_OF_ORDER = 'the feed gives the events of an order one after the other'
const SKIPPED = 'when quiet, the feed has given every event'

/** Promises that the removal of each safeguard, alone, breaks first, and where; `holds`: what else stands in for it there. */
const REMOVALS: Record<LifeSafeguard, { in: World; breaks: string } | { in: World; holds: string }> = {
  confirmConditional: { in: 'giveBack', breaks: 'what has an accepted payment is paid' },
  closeConditional: { in: 'requests', breaks: 'what has an accepted payment is paid' },
  finishConditional: { in: 'requests', breaks: HAS_ITS_MONEY },
  hideConditional: { in: 'requests', breaks: 'what is hidden is closed' },
  dueOnly: { in: 'deadline', breaks: 'nothing is closed for its deadline before that' },
  skipLocked: { in: 'deadline', holds: 'whoever waits for a row judges it anew, and finds it closed' },
  looksAgain: { in: 'requests', breaks: 'a move is refused only of a row that does not allow it' },
  judgedUnderLock: { in: 'giveBack', breaks: STAYS_CLOSED },
  judgedWhenRecorded: { in: 'payments', breaks: 'when quiet, each payment was accepted or owes its refund' },
  judgedByStatus: { in: 'deadline', breaks: UNSOLD },
  judgedByAmount: { in: 'payments', breaks: HAS_ITS_MONEY },
  paymentsUnique: { in: 'payments', breaks: 'each payment counts once' },
  oneAccepted: { in: 'payments', holds: "reports of one order are judged one after the other, under its row's lock" },
  recordsEvery: { in: 'payments', breaks: RECORDED },
  closeBeforeReback: { in: 'deadline', breaks: UNSOLD },
  rebackAsTheRowOwes: { in: 'giveBack', breaks: UNSOLD },
  rebackKeyed: { in: 'deadline', breaks: 'no more is given back than was sold' },
  markAfterReback: { in: 'deadline', breaks: STOCK_LEAKS },
  findsReturning: { in: 'deadline', breaks: STOCK_LEAKS },
  eventInStatement: { in: 'requests', breaks: 'the events, replayed, give the row' },
  markBeforeReback: { in: 'unkeyed', breaks: GIVEN_BACK_TWICE },
  unknownIsDoubt: { in: 'unkeyed', breaks: GIVEN_BACK_TWICE },
  operatorWaits: { in: 'unkeyed', breaks: GIVEN_BACK_TWICE },
  answerOfItsMark: { in: 'unkeyed', breaks: GIVEN_BACK_TWICE },
  doubtOfItsMark: { in: 'unkeyed', breaks: NEEDLESS_DOUBT },
  doubtsTheCutOff: { in: 'unkeyed', breaks: NEEDLESS_DOUBT },
  markBeforeSell: { in: 'unkeyedSale', breaks: SOLD_UNEXPLAINED },
  unknownSellIsDoubt: { in: 'unkeyedSale', breaks: SOLD_UNEXPLAINED },
  sellAnswerOfItsMark: { in: 'unkeyedSale', breaks: SOLD_UNEXPLAINED },
  marksAgain: { in: 'unkeyedSale', breaks: NEEDLESS_DOUBT },
  markOfItsToken: { in: 'unkeyedSale', breaks: 'a Sell is applied at most once' },
  voidDoubtsMarked: { in: 'unkeyedSale', breaks: SOLD_UNEXPLAINED },
  sellDoubtsTheCutOff: { in: 'unkeyedSale', breaks: NEEDLESS_DOUBT },
  greatest: { in: 'feed', breaks: OUT_OF_ORDER },
  horizon: { in: 'feed', breaks: SKIPPED },
  horizonOfTheRead: { in: 'feed', breaks: SKIPPED },
  xactOrder: { in: 'feed', breaks: SKIPPED },
  cursorOfBoth: { in: 'feed', breaks: SKIPPED },
  idWhenWritten: { in: 'feed', breaks: OUT_OF_ORDER },
  seqInRow: { in: 'feed', breaks: OUT_OF_ORDER },
}

describe('the life of an order, in all of its states', () => {
  for (const world of Object.keys(LIFE_WORLDS) as World[]) {
    it(`keeps every promise: ${world}`, () => {
      const { violated, quiet, trace } = outcome(world)
      assert.equal(violated, undefined, trace)
      assert.ok(quiet > 1, 'a world that is quiet at the start only promises nothing')
    })
  }

  for (const [name, removal] of Object.entries(REMOVALS) as [LifeSafeguard, (typeof REMOVALS)[LifeSafeguard]][]) {
    if ('holds' in removal) {
      it(`holds all the same if ${LIFE_SAFEGUARDS[name].split('; ')[0]} no longer: ${removal.holds}`, () => {
        const { violated, trace } = outcome(removal.in, name)
        assert.equal(violated, undefined, trace)
      })
    } else {
      it(`needs that ${LIFE_SAFEGUARDS[name].split('; ')[0]}: else "${removal.breaks}" is broken`, () => {
        const { violated, trace } = outcome(removal.in, name)
        assert.equal(violated, removal.breaks, trace)
      })
    }
  }

  it('would accept two payments of one order, if neither its row nor an index were asked', () => {
    assert.equal(outcome('payments', 'judgedByStatus', 'oneAccepted').violated, 'never two payments of an order are accepted')
  })

  for (const [file, story, world, removed] of [
    ['reback-before-close', 'stock goes back of an order that stands', 'deadline', 'closeBeforeReback'],
    ['answer-of-another-call', 'the answer to one call takes away the mark of the next', 'unkeyed', 'answerOfItsMark'],
    ['later-number-first', 'a transaction has its number before it has the lock', 'feed', 'greatest'],
  ] as const) {
    it(`tells a violation as a story: ${story}`, async () => {
      const told = await readFile(new URL(`../traces/${file}.txt`, import.meta.url), 'utf8')
      assert.equal(outcome(world, removed).trace, told)
    })
  }
})

function outcome(world: World, ...removed: LifeSafeguard[]) {
  return LIFE_WORLDS[world](lifeWithout(...removed))
}
