import type { Flood } from '../flood/run-flood.ts'
import type { Measured } from '../load-messages.ts'

type Latency = NonNullable<Measured['latencyMs']>

/** CPU time and history of one order, by what caused them. */
export interface CostPerOrder {
  /** Milliseconds by process; absent if the machine has no /proc. */
  cpuMs?: Record<string, number>
  /** Events of the Temporal history. */
  events?: number
  /** Bytes of the Temporal history. */
  historyBytes?: number
}

/** One row at one number of callers in one round. */
export interface Cell extends CostPerOrder {
  ordersPerSecond: number
  latencyMs?: Latency
  orders: number
  /** Requests that were answered otherwise than by an order, and one such answer. */
  failed: number
  sample?: string
  /** Orders a second against DIRECT in the same round. */
  ofDirect?: number
  /** The same against the original's way. */
  ofOriginal?: number
  /** The same against the lane over HTTP. */
  ofHttp?: number
  /** Rate against that of the express lane whose payloads are plain, in the same round. */
  ofPlain?: number
  /** Load average of the machine (1 minute) when the cell began. */
  load: number
  /** Cores that were busy with anything but this bench, on average. */
  othersCores?: number
}

/** Summary of the rounds of one row and number of callers: medians, and the spread of the rate. */
export interface Line extends CostPerOrder {
  row: string
  callers: number
  ordersPerSecond: number
  /** The slowest and the fastest round. */
  spread: [number, number]
  /** Absent if no round has one. */
  latencyMs?: Latency
  ofDirect?: number
  ofOriginal?: number
  ofHttp?: number
  /** Rate against that of the express lane whose payloads are plain, in the same round. */
  ofPlain?: number
  failed: number
  othersCores?: number
  rounds: Cell[]
}

/** Everything that one bench writes down. */
export interface Results {
  /** ISO 8601, UTC. */
  at: string
  machine: { cpus: number; model: string; memoryBytes: number; node: string; load: { before: number; after: number } }
  temporal: { version: string; own: boolean }
  /** `smoke` figures are worth nothing. */
  options: { seconds: number; warmupSeconds: number; rounds: number; linesPerOrder: number; smoke: boolean }
  /** Every row at every number of callers. */
  table?: Line[]
  /** Times from the request to the refusal of an order that met sold-out goods, everything undone. */
  compensation?: Line[]
  /** Orders of different sizes, at 16 callers. */
  orderSizes?: (Line & { goods: number })[]
  /** Rows in front of services that behave as the original's, at every number of callers: orders that meet each other at some goods. */
  original?: Line[]
  /** The same, where every order asks for the same goods. */
  hotSku?: Line[]
  /** Orders from carts, over HTTP and over gRPC. */
  grpc?: Line[]
  /** The express lane, its payloads plain and encrypted. */
  encrypted?: Line[]
  /** Rates that the flood of one caller leaves to another. */
  flood?: Flood[]
  soak?: SoakSlice[]
  closing?: Closing
}

/** Measurements of the end of orders. */
export interface Closing {
  /** Due orders that were closed and given back while others were created. */
  backlog: {
    orders: number
    /** Orders created a second without a backlog, and beside it. */
    alonePerSecond: number
    besidePerSecond: number
    givenBack: number
    givenBackPerSecond: number
    /** Orders left when the window was over; if there are none, a part of the window had no backlog, and `besidePerSecond` is too high. */
    left: number
    /** Rate of giving back against that of creation without a backlog. */
    ofCreation: number
    creationKept: number
    /** Load average of the machine (1 minute). */
    load: number
  }
  /** Orders that were cancelled over HTTP at a steady rate, and milliseconds from the request until the stock was back. */
  cancels: {
    perSecond: number
    cancelled: number
    refused: number
    left: number
    backMs: { p50: number; p99: number; max: number }
  }
}

/** Some seconds of a soak. */
export interface SoakSlice {
  /** Seconds since the beginning of the soak. */
  seconds: number
  /** Orders since the beginning of the soak. */
  orders: number
  ordersPerSecond: number
  /** Absent if no order was created. */
  p99Ms?: number
  /** Resident bytes by process. */
  memory: Record<string, number>
}
