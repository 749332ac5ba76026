import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { orderBody } from '../order-body.ts'
import { percentile } from '../report/statistics.ts'
import { ROWS } from '../rows/rows.ts'
import type { RunningRow } from '../rows/running-row.ts'
import { VERBS, type Verb } from './verbs.ts'

/** Orders a second of the caller whose time is measured: a shop's page that many buyers use, far below its limit. */
const PER_SECOND = 10
/** Connections of the flood, each of which sends its next request when it has an answer. */
const CONNECTIONS = 64
/** Addresses of the documentation's networks (RFC 5737). */
const HONEST = '192.0.2.1'
const FLOODING = '198.51.100.1'

/** Times of one caller's orders, alone and beside another that floods the starter with one kind of request. */
export interface Flood {
  row: string
  verb: Verb
  /** Milliseconds, of the orders that were created. */
  quietP95: number
  floodedP95: number
  /** The second against the first. */
  ofQuiet: number
  /** Orders of the measured caller that were not created beside the flood. */
  failed: number
  /** Answers to the flood a second, by status. */
  answers: Record<string, number>
}

/** Floods a row by each verb in turn, and measures what is left for another caller; before each flood, without one. */
export async function runFlood(
  row: RunningRow,
  { seconds, warmupSeconds }: { seconds: number; warmupSeconds: number },
  log: (line: string) => void,
): Promise<Flood[]> {
  const floods: Flood[] = []
  row.resume()
  try {
    await orderSteadily(row.url, warmupSeconds)
    for (const verb of Object.keys(VERBS) as Verb[]) {
      const quiet = await orderSteadily(row.url, seconds)
      const flood = await startFlood(row.url, verb)
      await sleep(warmupSeconds * 1_000)
      const flooded = await orderSteadily(row.url, seconds)
      const answered = await flood.stop()
      const lasted = (performance.now() - flood.since) / 1_000
      const found: Flood = {
        row: ROWS[row.key].title,
        verb,
        quietP95: quiet.p95,
        floodedP95: flooded.p95,
        ofQuiet: flooded.p95 / quiet.p95,
        failed: flooded.failed,
        answers: Object.fromEntries(Object.entries(answered).map(([status, count]) => [status, count / lasted])),
      }
      floods.push(found)
      const rates = Object.entries(found.answers).map(([status, rate]) => `${rate.toFixed(0)}/s ${status}`)
      log(
        `${found.row}, ${verb}: p95 ${quiet.p95.toFixed(0)} ms quiet, ${flooded.p95.toFixed(0)} flooded (${found.ofQuiet.toFixed(2)} times), ${found.failed} failed; the flood got ${rates.join(', ')}`,
      )
    }
  } finally {
    row.pause()
  }
  return floods
}

let orders = 0

/** Orders at a steady rate, whatever the answers take. */
async function orderSteadily(url: string, seconds: number): Promise<{ p95: number; failed: number }> {
  const times: number[] = []
  let failed = 0
  const begin = performance.now()
  const order = async (i: number) => {
    const user = ++orders
    await sleep(Math.max(0, begin + (i * 1_000) / PER_SECOND - performance.now()))
    const start = performance.now()
    const answer = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `steady-${user}`, 'x-forwarded-for': HONEST },
      body: JSON.stringify(orderBody(user, { lines: 3, soldOut: false, choice: 'apart' })),
    })
    await answer.arrayBuffer()
    if (answer.status === 201) times.push(performance.now() - start)
    else failed++
  }
  await Promise.all(Array.from({ length: Math.ceil(seconds * PER_SECOND) }, (_, i) => order(i)))
  times.sort((a, b) => a - b)
  return { p95: percentile(times, 0.95), failed }
}

/** A flood from a process of its own, whose work is none of the measured caller's. */
async function startFlood(url: string, verb: Verb) {
  const args = [url, verb, `${CONNECTIONS}`, FLOODING]
  const child = fork(join(import.meta.dirname, 'flooder.ts'), args, { execArgv: ['--import', 'tsx'] })
  const ended = once(child, 'exit').then(() => {
    throw new Error('the flood ended by itself: its reason stands above')
  })
  // It says so with its first answer.
  await Promise.race([once(child, 'message'), ended])
  ended.catch(() => {})
  return {
    since: performance.now(),
    async stop() {
      const exited = once(child, 'exit')
      child.send('stop')
      const [answers] = (await once(child, 'message')) as [Record<string, number>]
      await exited
      return answers
    },
  }
}
