import type { OrderRequest } from '../create-order.ts'
import { inventory } from './inventory.ts'
import type { Participant } from './participant.ts'

/**
 * The participants of the saga, in the order in which an order takes from them, single or in a batch. Whoever is on this list takes part in
 * everything: what it lacks elsewhere is a compile error (CONTRIBUTING, "Adding a participant").
 */
const LIST = [inventory] as const

type Listed = (typeof LIST)[number]
type Do = Listed['do']
type Undo = Listed['undo']

export type ParticipantName = Listed['name']
export type DoStep = Do['step']
export type UndoStep = Undo['step']
export type DoStepOfBatch = Do['stepOfBatch']
export type UndoStepOfBatch = Undo['stepOfBatch']
export type Unanswered = Do['unanswered']
export type ParticipantMethod = {
  [Name in ParticipantName]: `${Name}/${Extract<Listed, { name: Name }>['do' | 'undo']['method']}`
}[ParticipantName]

/** One of the list, as all of them are dealt with. */
export type OneParticipant = Participant & {
  name: ParticipantName
  do: { step: DoStep; stepOfBatch: DoStepOfBatch; unanswered: Unanswered }
  undo: { step: UndoStep; stepOfBatch: UndoStepOfBatch }
}

export const PARTICIPANTS: readonly OneParticipant[] = LIST

/** Client by which each participant is called. */
export type Services = {
  [Name in ParticipantName]: Extract<Listed, { name: Name }>['do'] extends {
    call(service: infer Service, ...rest: never[]): unknown
  }
    ? Service
    : never
}

/** Returns the participants of which an order asks something, in their order. */
export function participantsOf(request: OrderRequest): OneParticipant[] {
  return PARTICIPANTS.filter(({ asks }) => !asks || asks(request) !== undefined)
}

/**
 * Returns what an order asks of each participant, as its row holds it; for the inventory, the row's lines and stock state hold
 * it.
 */
export function heldOf(request: OrderRequest): Record<string, object> {
  const asked = PARTICIPANTS.map(({ name, asks }) => [name, asks?.(request)] as const)
  return Object.fromEntries(asked.filter((entry): entry is [ParticipantName, object] => entry[1] !== undefined))
}

/** Something for each of them, by its name. */
export function forEachParticipant<T>(of: (participant: OneParticipant) => T): Record<ParticipantName, T> {
  return Object.fromEntries(PARTICIPANTS.map((participant) => [participant.name, of(participant)])) as Record<ParticipantName, T>
}

/** Something for each of their activities, by its name: those of one order, and those of a batch. */
export function forEachStep<One, Batch>(
  ofOne: One,
  ofBatch: Batch,
): Record<DoStep | UndoStep, One> & Record<DoStepOfBatch | UndoStepOfBatch, Batch> {
  const steps = PARTICIPANTS.flatMap(({ do: doing, undo }) => [doing, undo])
  return Object.fromEntries(
    steps.flatMap(({ step, stepOfBatch }) => [
      [step, ofOne],
      [stepOfBatch, ofBatch],
    ]),
  )
}
