/** Processes that can be met by a fault. */
export const PARTS = ['worker-1', 'worker-2', 'lane', 'single', 'goods', 'inventory', 'user', 'postgres', 'temporal'] as const
export type PartName = (typeof PARTS)[number]

/** Services that the workers and starters call: each stands behind a proxy. */
export const SERVICES = ['goods', 'inventory', 'user'] as const
export type ServiceName = (typeof SERVICES)[number]

/** Faults of single calls to a service. */
export const CALL_FAULTS = ['request lost', 'reply lost', 'late', 'twice', 'unavailable', 'applied, then unavailable'] as const
export type CallFaultName = (typeof CALL_FAULTS)[number]

/** One thing that goes wrong, so long after the first order was sent, and for so long. Milliseconds. */
export type FaultEvent = { atMs: number } & (
  | { do: 'kill' | 'restart'; part: PartName }
  | { do: 'pause'; part: PartName; forMs: number }
  /** `break`: present connections end; `cut`: new ones are refused as well; `silence`: what is sent over present ones is swallowed. */
  | { do: 'break' | 'cut' | 'silence'; way: 'postgres' | 'temporal'; forMs: number }
  | { do: 'delay'; way: 'postgres' | 'temporal'; byMs: number; forMs: number }
  /** Fault that befalls this share of the calls. */
  | { do: 'calls'; service: ServiceName; how: CallFaultName; share: number; forMs: number }
)

/** A few words, for people. */
export function describeFault(event: FaultEvent): string {
  switch (event.do) {
    case 'kill':
    case 'restart':
      return `${event.do} ${event.part}`
    case 'pause':
      return `pause ${event.part} for ${event.forMs} ms`
    case 'delay':
      return `delay ${event.way} by ${event.byMs} ms for ${event.forMs} ms`
    case 'calls':
      return `${event.how}: ${Math.round(event.share * 100)} % of the calls to ${event.service} for ${event.forMs} ms`
    default:
      return `${event.do} the connections to ${event.way}${event.do === 'break' ? '' : ` for ${event.forMs} ms`}`
  }
}

/** Returns what a fault meets: two faults of one of these never overlap. */
export function metBy(event: FaultEvent): string {
  if ('part' in event) return event.part
  return `way to ${'way' in event ? event.way : event.service}`
}
