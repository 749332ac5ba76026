import { cpus } from 'node:os'
import { percentile } from '../../../bench/report/statistics.ts'
import { answerName, isFinal } from '../../e2e/faults/place.ts'
import { countBy } from '../../support/count-by.ts'
import type { Asked } from './asked.ts'
import { metBy } from './fault-event.ts'
import type { ChaosResult } from './run-chaos.ts'

type Counts = Record<string, number>

/** Figures of a run, fit to be kept: no request, no recipient. */
export interface Figures extends Pick<ChaosResult, 'seed' | 'orders' | 'requests' | 'quietAfterMs' | 'violations'> {
  seconds: number
  cpus: number
  /** Orders by how they ended: `created`, or the refusal. */
  ended: Counts
  /** Every single answer, those of the end among them. */
  answers: Counts
  orderKinds: Counts
  /** Orders that were created, by how they are in the end, closed ones with the reason. */
  lives: Counts
  payments: Counts
  /** Every answer to a move of an order that was created. */
  moves: Counts
  cancelled: number
  terminated: number
  faults: number
  /** Number of faults, by what happened and what it happened to. */
  faultKinds: Counts
  faultsMet: Counts
  /** Time from an order's first request to its first final answer, if that came before all was quiet. Milliseconds. */
  answeredAfterMs: { p50: number; p90: number; p99: number; max: number }
}

export function figuresOf(result: ChaosResult): Figures {
  const { seed, orders, seconds, requests, asked, inflicted, quietAfterMs, violations, books } = result
  const quietAtMs = seconds * 1_000 + quietAfterMs
  const waits = asked
    .filter(({ answeredAtMs = Number.POSITIVE_INFINITY }) => answeredAtMs <= quietAtMs)
    .map(({ sentAtMs, answeredAtMs = 0 }) => answeredAtMs - sentAtMs)
    .sort((a, b) => a - b)
  const at = (share: number) => Math.round(percentile(waits, share))
  return {
    seed,
    orders,
    seconds: Math.round(seconds),
    requests,
    cpus: cpus().length,
    ended: countBy(asked.map(endOf)),
    answers: countBy(asked.flatMap(({ told, toldOthers }) => [...told, ...toldOthers].map(answerName))),
    orderKinds: countBy(asked.map(({ kind }) => kind)),
    lives: countBy(
      books.orders
        .filter(({ isConfirmed }) => isConfirmed)
        .map(({ status, closedFor }) => (closedFor ? `${status}: ${closedFor}` : status)),
    ),
    payments: countBy(books.payments.map(({ outcome }) => outcome)),
    moves: countBy(asked.flatMap(({ moves }) => moves.flatMap(({ what, answers }) => answers.map((name) => `${what}: ${name}`)))),
    cancelled: asked.filter(({ cut }) => cut === 'cancel').length,
    terminated: asked.filter(({ cut }) => cut === 'terminate').length,
    faults: inflicted.length,
    faultKinds: countBy(inflicted.map(({ event }) => (event.do === 'calls' ? `calls: ${event.how}` : event.do))),
    faultsMet: countBy(inflicted.map(({ event }) => metBy(event))),
    answeredAfterMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) },
    quietAfterMs,
    violations,
  }
}

function endOf({ told }: Asked): string {
  const end = told.find(isFinal)
  return end ? answerName(end) : 'open'
}
