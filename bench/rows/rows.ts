interface Program {
  /** Name under which the program's CPU time is reported. */
  name: 'starter' | 'worker'
  /** Path from the project's folder. */
  file: string
}

/** One way to create orders: a front door over HTTP, and what stands behind it. */
export interface Row {
  title: string
  /** The front door first. */
  programs: Program[]
  env?: Record<string, string>
  /** True if the row runs workflows, whose histories are counted. */
  onTemporal: boolean
  /** True if the row creates orders; the floor does not. */
  createsOrders: boolean
}

/** Every row takes the same requests over the same HTTP, with the same services and the same PostgreSQL behind it. */
export const ROWS = {
  direct: {
    title: 'DIRECT',
    programs: [{ name: 'starter', file: 'bench/rows/direct/server.ts' }],
    onTemporal: false,
    createsOrders: true,
  },
  empty: {
    title: 'empty workflow',
    programs: [{ name: 'starter', file: 'bench/rows/empty-workflow/server.ts' }],
    onTemporal: true,
    createsOrders: false,
  },
  usual: {
    title: 'usual saga',
    programs: [
      { name: 'starter', file: 'bench/rows/usual-saga/starter.ts' },
      { name: 'worker', file: 'bench/rows/usual-saga/worker.ts' },
    ],
    onTemporal: true,
    createsOrders: true,
  },
  single: {
    title: 'createOrder singly',
    programs: [
      { name: 'starter', file: 'starter.ts' },
      { name: 'worker', file: 'worker.ts' },
    ],
    env: { INTAKE: 'single' },
    onTemporal: true,
    createsOrders: true,
  },
  lane: {
    title: 'express lane',
    programs: [{ name: 'starter', file: 'starter.ts' }],
    env: { INTAKE: 'lane', STARTER_WORKER: 'true' },
    onTemporal: true,
    createsOrders: true,
  },
  apart: {
    title: 'lane, worker apart',
    programs: [
      { name: 'starter', file: 'starter.ts' },
      { name: 'worker', file: 'worker.ts' },
    ],
    env: { INTAKE: 'lane', STARTER_WORKER: 'false' },
    onTemporal: true,
    createsOrders: true,
  },
} as const satisfies Record<string, Row>

export type RowKey = keyof typeof ROWS
