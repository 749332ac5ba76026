/** Safeguards on which the protocol rests, each with what its removal does to the model. */
export const SAFEGUARDS = {
  settleBeforeOpen: 'createOrder can settle from the start; without, a run that fails in openOrder just ends',
  closedRowWhereAbsent: 'void leaves a closed row where there is none; without, it leaves nothing',
  closedRowOfRefused: 'the refusal OrderInProgress leaves a closed row; without, it leaves nothing',
  laneRebacks: 'the lane gives back what it voided; without, it answers when the order is closed',
  laneHandsOverMet: 'the lane hands over what it did not insert itself; without, it goes on with the order',
  laneHandsOverOwed: 'the lane hands over a closed order that is owed a Reback; without, it answers its refusal',
  tombstone: 'Reback without a Sell leaves a tombstone; without, it leaves nothing',
  confirmConditional: 'confirm takes only a CREATING row; without, any',
  voidBeforeReback: 'the order is closed before its stock goes back; without, after',
  voidAlwaysOwes: 'void owes a Reback for all that it closes; without, only where this run sent a Sell',
  rebackAsTheRowSays: 'createOrder gives back whatever the row owes; without, only where it sent a Sell',
  derivedNumber: "the order's number is made from the request; without, by each run for itself",
  recordedBeforeTold: 'the intake records an order before it says that it is under way; without, it just says so',
  sellAsTheRowSays: 'Sell is sent only for a row that is CREATING; without, whoever asks for one',
  rebackAsTheRowOwes: 'Reback is sent only for a closed row that owes it; without, whoever asks for one',
  voidLeavesAnswered: 'void leaves an order open that an ended run calls confirmed; without, it closes it',
  owedIsASet: 'what is owed is looked for by itself, each thing; without, the second only where the first is owed too',
  uniqueRequest: 'the store has one row per user and request id; without, per order number only',
} as const

export type Safeguard = keyof typeof SAFEGUARDS
export type Safeguards = ReadonlySet<Safeguard>

/** Every safeguard but these. */
export function safeguardsWithout(...removed: Safeguard[]): Safeguards {
  return new Set((Object.keys(SAFEGUARDS) as Safeguard[]).filter((safeguard) => !removed.includes(safeguard)))
}
