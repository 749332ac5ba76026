/** Safeguards on which the life of an order after its confirmation rests, each with what its removal does to the model. */
export const LIFE_SAFEGUARDS = {
  // The row decides.
  confirmConditional: 'confirm takes only a CREATING row; without, any',
  closeConditional: 'an order is closed only as long as it is unpaid; without, whatever became of it',
  finishConditional: 'only a paid order is finished; without, any',
  hideConditional: 'only a closed order is hidden; without, an unpaid one as it is',
  dueOnly: 'the pass closes what is due; without, whatever is unpaid',
  skipLocked: 'a pass leaves rows alone that somebody else is moving; without, it waits for them',
  looksAgain: 'a move that its UPDATE did not allow, but the row read after it does, is made again; without, it is refused',
  // Money.
  judgedUnderLock: 'a payment is judged in the statement that records it; without, by a look before it',
  judgedWhenRecorded: 'a payment is recorded together with its judgement; without, it is judged afterwards',
  judgedByStatus: "a payment is judged by the order's status; without, by its amount alone",
  judgedByAmount: 'a payment is judged by its amount; without, by the status alone',
  paymentsUnique: 'payments are unique by provider and number; without, each report is one of its own',
  oneAccepted: 'an index allows one accepted payment an order; without, the judgement alone does',
  recordsEvery: 'a payment that owes a refund is recorded; without, it is only refused',
  // Stock.
  closeBeforeReback: 'the order is closed before its stock goes back; without, after',
  rebackAsTheRowOwes: 'Reback is sent only for a closed row that owes it; without, whoever asks for one',
  rebackKeyed: 'Reback twice is once; without, each gives back',
  markAfterReback: 'the Reback is recorded once it was answered; without, when it is sent',
  findsReturning: 'a pass looks for what is owed of orders that others closed; without, only of those it closed itself',
  // Events.
  eventInStatement: 'an event is written by the statement that makes the change; without, by a second one',
  // An inventory without keys.
  markBeforeReback: 'a Reback without a key leaves when the row says that it did; without, the mark comes after it',
  unknownIsDoubt: 'an unknown answer puts the stock in doubt; without, the Reback is sent again',
  operatorWaits: 'an operator judges when no call can arrive any more; without, at any time',
  answerOfItsMark: 'an answer takes away the mark of its own call alone; without, any mark that it meets',
  doubtOfItsMark: 'who doubts a mark puts that call in doubt alone; without, any that has left since',
  doubtsTheCutOff: 'only a mark whose call was given up is doubted; without, any mark that is met',
  markBeforeSell: 'a Sell without a key leaves when the row says that it did; without, the mark comes after it',
  unknownSellIsDoubt: 'an unknown answer to a Sell puts the order in doubt; without, the Sell is sent again',
  sellAnswerOfItsMark: 'an answer to a Sell takes away the mark of its own call alone; without, any mark that it meets',
  marksAgain: 'who has no reply to its mark marks once more; without, it leaves the order to others',
  markOfItsToken: 'who marks once more knows its own mark by its token; without, it takes any mark that it meets for its own',
  voidDoubtsMarked: 'an order whose Sell is marked is put in doubt by who closes it; without, it is closed',
  sellDoubtsTheCutOff: 'only a Sell whose answer nobody waits for is doubted; without, any mark that is met',
  // The feed.
  greatest: "an event is placed behind the one before it of its order; without, by its transaction's number alone",
  horizon: 'the feed reads below the oldest transaction that is open; without, whatever is committed',
  horizonOfTheRead: 'the horizon is that of the snapshot that is read; without, one taken after it',
  xactOrder: 'the feed goes by transaction and number; without, by number alone',
  cursorOfBoth: 'a cursor holds transaction and number; without, the transaction alone',
  idWhenWritten: "an event has its number when it is written, under the order's lock; without, from a reserve of the session",
  seqInRow: "an event's place in its order is counted in the row; without, by a sequence of the database",
} as const

export type LifeSafeguard = keyof typeof LIFE_SAFEGUARDS
export type LifeSafeguards = ReadonlySet<LifeSafeguard>

/** Every safeguard but these. */
export function lifeWithout(...removed: LifeSafeguard[]): LifeSafeguards {
  return new Set((Object.keys(LIFE_SAFEGUARDS) as LifeSafeguard[]).filter((safeguard) => !removed.includes(safeguard)))
}
