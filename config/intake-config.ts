import type { ReadSetting, Setting } from './config.ts'
import { count, intake, oftenEnough, yesOrNo } from './setting-parsers.ts'

/** How the starter takes orders in; part of config/config.ts's SETTINGS. */
export const INTAKE_SETTINGS = {
  INTAKE: {
    default: 'lane',
    meaning: 'lane: orders that arrive together share a run; single: each has its own, as always under INVENTORY_MODE=unkeyed',
    parse: intake,
  },
  INTAKE_MAX_IN_FLIGHT: { default: '1', meaning: 'Batches of the lane whose callers wait, at the same time', parse: count },
  INTAKE_MAX_QUEUE: { default: '2000', meaning: 'Orders that may wait for the lane; one more is answered 503', parse: count },
  INTAKE_MAX_UNSETTLED: {
    default: '500',
    meaning:
      'Orders unsettled for 3 s (of all starters those in the store, of this one those without a row too) at which new ones are answered 503',
    parse: count,
  },
  HTTP_MAX_CONNECTIONS: {
    default: '2500',
    meaning: 'Connections of callers to one starter at the same time; one more is closed unheard',
    parse: count,
  },
  HTTP_REQUEST_TIMEOUT_MS: {
    default: '10000',
    meaning:
      'How long a request may take to arrive whole, its head at most 5000; then it is answered 400, and its connection closed',
    parse: oftenEnough,
  },
  STARTER_WORKER: {
    default: 'true',
    meaning: 'true: under INTAKE=lane the starter runs a worker itself, and needs all of its settings',
    parse: yesOrNo,
  },
} as const satisfies Record<string, Setting<unknown>>

export interface IntakeConfig {
  /** `single`: a run for each request; `lane`: requests that arrive together share one, which `unkeyed` forbids. */
  intake: 'single' | 'lane'
  intakeLimits: {
    /** Batches of the lane whose callers wait, at the same time. */
    maxInFlight: number
    /** Requests that wait for the lane; one more is answered 503. */
    maxQueue: number
    /** Orders that wait to be settled; while there are so many, a new one is answered 503. */
    maxUnsettled: number
  }
  /** Whether the starter runs a worker itself, beside the lane. */
  hostsWorker: boolean
  http: { maxConnections: number; requestWithinMs: number }
}

export function intakeConfig(setting: ReadSetting): IntakeConfig {
  const wanted = setting('INTAKE')
  // The lane is right only where each step may be repeated.
  const intake = setting('INVENTORY_MODE') === 'unkeyed' ? 'single' : wanted
  return {
    intake,
    intakeLimits: {
      maxInFlight: setting('INTAKE_MAX_IN_FLIGHT'),
      maxQueue: setting('INTAKE_MAX_QUEUE'),
      maxUnsettled: setting('INTAKE_MAX_UNSETTLED'),
    },
    hostsWorker: setting('STARTER_WORKER') && intake === 'lane',
    http: { maxConnections: setting('HTTP_MAX_CONNECTIONS'), requestWithinMs: setting('HTTP_REQUEST_TIMEOUT_MS') },
  }
}
