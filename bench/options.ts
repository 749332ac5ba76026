import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ROWS, type Row, type RowKey } from './rows/rows.ts'

/** Sections of a bench. The soak takes ten minutes, and runs only if it is asked for; likewise those that are about one row or two. */
const SECTIONS = [
  'table',
  'compensation',
  'sizes',
  'original',
  'grpc',
  'encrypted',
  'flood',
  'paced',
  'hot',
  'repeats',
  'overload',
  'peers',
  'closing',
  'soak',
] as const
export type Section = (typeof SECTIONS)[number]

/** Rows of each section: rows are compared in front of the same services. */
const MEASURED: Record<Section, (row: Row) => boolean> = {
  table: isUsual,
  compensation: (row) => isUsual(row) && row.createsOrders && row.onTemporal,
  sizes: (row) => isUsual(row) && row.createsOrders,
  original: ({ services }) => services === 'original',
  grpc: (row) => row === ROWS.lane || row === ROWS.grpc,
  encrypted: (row) => row === ROWS.lane || row === ROWS.encrypted || row === ROWS.guarded,
  flood: (row) => row === ROWS.lane || row === ROWS.limited,
  paced: (row) => row === ROWS.empty || row === ROWS.lane,
  hot: (row) => row === ROWS.lane,
  repeats: (row) => row === ROWS.lane,
  overload: (row) => row === ROWS.overload,
  peers: (row) => row.peer === true || row === ROWS.direct || row === ROWS.usual || row === ROWS.lane,
  closing: (row) => row === ROWS.lane,
  soak: (row) => row === ROWS.lane,
}

function isUsual({ services, door = 'http', encrypted, guarded, limited, patience, peer }: Row): boolean {
  return services === 'stub' && door === 'http' && !encrypted && !guarded && !limited && !patience && !peer
}

export function isMeasuredIn(section: Section, key: RowKey): boolean {
  return MEASURED[section](ROWS[key])
}

export interface BenchOptions {
  rows: RowKey[]
  callers: number[]
  /** Callers of the section `original`: those above, if they were named. */
  originalCallers: number[]
  /** Callers that order the same goods there. */
  hotSkuCallers: number[]
  /** Callers of the section `grpc`. */
  grpcCallers: number[]
  /** Measured time of a cell. */
  seconds: number
  /** Seconds of load before the measurement. */
  warmupSeconds: number
  rounds: number
  /** Distinct goods an order. */
  linesPerOrder: number
  sections: Section[]
  /** A Temporal server that runs already. @default a dev server of the bench's own */
  temporal?: string
  /** The processes of that server, if they run on this machine and their CPU time is wanted. */
  temporalPids: number[]
  /** Processes of the database of Temporal, likewise; counted apart from the PostgreSQL of the orders. */
  temporalDatabasePids: number[]
  /** Folder of `latest.json` and `latest.svg`. */
  out: string
  /** Folder of everything that the bench keeps while it runs; emptied first. One bench at a time may use it. */
  dataDir: string
  smoke: boolean
}

export const USAGE = `npm run bench -- [options]

  --rows LIST        of ${Object.keys(ROWS).join(',')};
                     all that the sections measure by default
  --callers LIST     requests under way at the same time: 1,16,64,256; in the section original 1,4,16,64, and 16,64
                     for one hot goods; in the section grpc 16,64
  --seconds N        measured time of a cell: 15
  --warmup N         seconds under the same load before it: 3
  --rounds N         how often every cell is measured: 3
  --lines N          goods an order: 3
  --sections LIST    of ${SECTIONS.join(',')}; the first three by default; original: in front of services that
                     behave as the original's, its way to create orders beside ours
                     grpc: orders from carts, over HTTP and over gRPC
                     encrypted: the express lane, its payloads plain and encrypted, and with tokens and sealed recipients
                     paced: one buyer who orders at a shop's pace, beside an empty workflow
                     hot: orders of different goods, and of one that all ask for
                     repeats: new orders, and repeats of settled ones with their keys
                     peers: other durable engines beside ours, by npm run bench:peers, which installs them
                     overload: orders that come at half the rate of 64 callers, at it, at twice and at four times that,
                     whatever their answers take
                     flood: what one caller's flood leaves to another, with limits by caller and without
  --soak             the same as --sections soak: the express lane for 10 minutes (--seconds), 64 callers (--callers)
  --temporal ADDR    a Temporal server that runs already, host:port; a dev server of its own by default
  --temporal-pid N   of that server, for its CPU time; may be repeated
  --temporal-database-pid N   of its database, likewise
  --out DIR          where latest.json and latest.svg go: bench/results
  --data DIR         where everything lives while it runs, emptied first: .data/bench
  --smoke            whether the command works, within a minute; its figures are worth nothing
`

/** @throws Error saying which option is wrong and what it has to be */
export function parseOptions(args: string[]): BenchOptions {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args,
    options: {
      rows: text,
      callers: text,
      seconds: text,
      warmup: text,
      rounds: text,
      lines: text,
      sections: text,
      soak: { type: 'boolean' },
      temporal: text,
      'temporal-pid': { type: 'string', multiple: true },
      'temporal-database-pid': { type: 'string', multiple: true },
      out: text,
      data: text,
      smoke: { type: 'boolean' },
    },
  })
  const { smoke = false, soak = false, temporal } = values
  const usual = smoke
    ? { seconds: '1', warmup: '0.2', rounds: '1', sections: 'table' }
    : soak
      ? { seconds: '600', warmup: '10', rounds: '1', sections: 'soak' }
      : { seconds: '15', warmup: '3', rounds: '3', sections: 'table,compensation,sizes' }
  const callersOf = (otherwise: string) => (values.callers ?? otherwise).split(',').map((one) => number('callers', one, 1))
  const sections = list('sections', values.sections ?? usual.sections, SECTIONS)
  const keys = Object.keys(ROWS) as RowKey[]
  const needed = keys.filter((key) => sections.some((section) => isMeasuredIn(section, key)))
  const project = resolve(import.meta.dirname, '..')
  return {
    rows: list('rows', values.rows ?? needed.join(','), keys),
    callers: callersOf(smoke ? '1,4' : soak ? '64' : '1,16,64,256'),
    originalCallers: callersOf(smoke ? '1,4' : '1,4,16,64'),
    hotSkuCallers: callersOf(smoke ? '4' : '16,64'),
    grpcCallers: callersOf(smoke ? '4' : '16,64'),
    seconds: number('seconds', values.seconds ?? usual.seconds, 0.1),
    warmupSeconds: number('warmup', values.warmup ?? usual.warmup, 0),
    rounds: number('rounds', values.rounds ?? usual.rounds, 1),
    linesPerOrder: number('lines', values.lines ?? '3', 1),
    sections,
    ...(temporal !== undefined && { temporal }),
    temporalPids: pids('temporal-pid', values['temporal-pid']),
    temporalDatabasePids: pids('temporal-database-pid', values['temporal-database-pid']),
    out: resolve(values.out ?? `${project}/bench/results`),
    dataDir: resolve(values.data ?? `${project}/.data/bench`),
    smoke,
  }
}

function list<T extends string>(name: string, text: string, known: readonly T[]): T[] {
  return text.split(',').map((one) => {
    const found = known.find((candidate) => candidate === one)
    if (!found) throw new Error(`--${name} has ${one}, which is none of ${known.join(', ')}`)
    return found
  })
}

function pids(name: string, texts: string[] = []): number[] {
  return texts.map((pid) => number(name, pid, 1))
}

function number(name: string, text: string, min: number): number {
  const value = Number(text)
  if (!(value >= min)) throw new Error(`--${name} must be a number of at least ${min}, not ${text}`)
  return value
}
