import type { Door } from '../load-messages.ts'

interface Program {
  /** Name under which the program's CPU time is reported. */
  name: 'starter' | 'worker'
  /** Path from the project's folder. */
  file: string
}

/** One way to create orders: a front door, over HTTP but for one of them, and what stands behind it. */
export interface Row {
  title: string
  /** The front door first. */
  programs: Program[]
  env?: Record<string, string>
  /** Door by which orders come. @default http */
  door?: Door
  /** Services that the row calls: the bench's stubs, or those that behave as the original's. */
  services: ServicesName
  /** True if what its runs hold is encrypted. */
  encrypted?: true
  /** True if callers have to prove who they are, and recipients are sealed. */
  guarded?: true
  /** True if one caller may send only so much. */
  limited?: true
  /** True of another engine's row, whose packages stand in bench/peers. */
  peer?: true
  /** Set if callers wait only as long as callers of the product do by default. */
  patience?: 'default'
  /** True if the row runs workflows, whose histories are counted. */
  onTemporal: boolean
  /** True if the row creates orders; the floor does not. */
  createsOrders: boolean
}

/** Services of the bench, by the programs that are they. */
export const SERVICES = {
  stub: 'bench/rows/stub-services.ts',
  original: 'bench/rows/original/services.ts',
} as const
export type ServicesName = keyof typeof SERVICES

/** The default of the product: the starter works for the lane too. */
const LANE = {
  title: 'express lane',
  programs: [{ name: 'starter', file: 'starter.ts' }],
  env: { INTAKE: 'lane', STARTER_WORKER: 'true' },
  services: 'stub',
  onTemporal: true,
  createsOrders: true,
} as const satisfies Row

const APART = [
  { name: 'starter', file: 'starter.ts' },
  { name: 'worker', file: 'worker.ts' },
] as const satisfies Program[]

/** Another engine, which has the same database and calls the same services. */
const PEER = { services: 'stub', peer: true, onTemporal: false, createsOrders: true } as const satisfies Partial<Row>

/** Every row takes the same requests, over HTTP or gRPC, with the same PostgreSQL behind it; those that are compared have the same services. */
export const ROWS = {
  direct: {
    title: 'DIRECT',
    programs: [{ name: 'starter', file: 'bench/rows/direct/server.ts' }],
    services: 'stub',
    onTemporal: false,
    createsOrders: true,
  },
  empty: {
    title: 'empty workflow',
    programs: [{ name: 'starter', file: 'bench/rows/empty-workflow/server.ts' }],
    services: 'stub',
    onTemporal: true,
    createsOrders: false,
  },
  usual: {
    title: 'usual saga',
    programs: [
      { name: 'starter', file: 'bench/rows/usual-saga/starter.ts' },
      { name: 'worker', file: 'bench/rows/usual-saga/worker.ts' },
    ],
    services: 'stub',
    onTemporal: true,
    createsOrders: true,
  },
  single: { ...LANE, title: 'createOrder singly', programs: APART, env: { INTAKE: 'single' } },
  lane: LANE,
  apart: { ...LANE, title: 'lane, worker apart', programs: APART, env: { INTAKE: 'lane', STARTER_WORKER: 'false' } },
  encrypted: { ...LANE, title: 'lane, encrypted', encrypted: true },
  // All callers speak for one gateway.
  guarded: { ...LANE, title: 'lane, tokens and sealed', env: { ...LANE.env, SERVICE_REQUESTS_PER_S: '0' }, guarded: true },
  limited: {
    ...LANE,
    title: 'lane, limits by caller',
    // The bench stands for a balancer, which says for whom it speaks.
    env: { ...LANE.env, CALLER_REQUESTS_PER_S: '50', TRUSTED_PROXIES: '127.0.0.1' },
    limited: true,
  },
  overload: { ...LANE, title: 'lane, default wait', patience: 'default' },
  grpc: { ...LANE, title: 'lane over gRPC', door: 'grpc' },
  dbos: { ...PEER, title: 'DBOS', programs: [{ name: 'starter', file: 'bench/peers/dbos/server.ts' }] },
  restate: { ...PEER, title: 'Restate', programs: [{ name: 'starter', file: 'bench/peers/restate/server.ts' }] },
  original: {
    title: 'the original',
    programs: [{ name: 'starter', file: 'bench/rows/original/server.ts' }],
    services: 'original',
    onTemporal: false,
    createsOrders: true,
  },
  unkeyed: { ...LANE, title: 'lane without keys', env: { ...LANE.env, INVENTORY_MODE: 'unkeyed' }, services: 'original' },
} as const satisfies Record<string, Row>

export type RowKey = keyof typeof ROWS
