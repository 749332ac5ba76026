import type { Flood } from '../flood/run-flood.ts'
import type { Answered, Latency } from '../load-messages.ts'

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
  /** Times by which the load generator sent orders late that come at a rate of their own. */
  lateMs?: Latency
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
  /** Rate against that of the same row under the condition that was measured first, in the same round. */
  ofFirst?: number
  /** p50 against that of the empty workflow in the same round. */
  p50OfEmpty?: number
  /** Answers otherwise than expected, by status. */
  otherwise: Record<number, Answered>
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
  ofFirst?: number
  p50OfEmpty?: number
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
  /** The express lane, its payloads plain and encrypted, and with tokens and sealed recipients. */
  encrypted?: Line[]
  /** Rates that the flood of one caller leaves to another. */
  flood?: Flood[]
  /** One buyer, who orders at a shop's pace. */
  paced?: Line[]
  /** Orders of different goods, and of one that all ask for, each with a goods of its own. */
  hot?: Line[]
  /** New orders, and repeats of settled ones. */
  repeats?: Line[]
  overload?: Offered[]
  /** Other durable engines beside ours. */
  peers?: Line[]
  soak?: SoakSlice[]
  closing?: Closing
}

/** Answers to orders that came at a rate of their own, whatever their answers took. */
export interface Offered {
  /** Against the rate of 64 callers who each wait for their answer, in the same run. */
  ofCapacity: number
  offeredPerSecond: number
  createdPerSecond: number
  /** Absent if no order was created. */
  createdMs?: Latency
  /** Times by which the load generator sent them late. */
  lateMs?: Latency
  /** Cores that each process kept busy; absent if the machine has no /proc. */
  cores?: Record<string, number>
  /** Answers otherwise, by status; 0 stands for a connection that broke. */
  otherwise: Record<number, Answered>
  /** Load average of the machine (1 minute). */
  load: number
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
