import { Draw } from './draw.ts'
import { CALL_FAULTS, type FaultEvent, metBy, PARTS, SERVICES } from './fault-event.ts'

/** Time between two faults on average: some are over by then, some are not. Milliseconds. */
const EVERY_MS = 6_000
/** Time before the first fault and after the last: what chaos looks like needs a bit of order beside it. Milliseconds. */
const MARGIN_MS = 4_000
/** Time that what was met takes to be back, so that the next fault meets it alive; a restart drains first. Milliseconds. */
const BACK_AFTER_MS = 10_000
const RESTARTED_AFTER_MS = 40_000

/** Longer than a batch's workflow task (5 s), so that some come back to find their work done by others. Milliseconds. */
const LONGEST_PAUSE_MS = 9_000

const KINDS: Record<FaultEvent['do'], number> = {
  kill: 32,
  pause: 20,
  restart: 8,
  break: 5,
  cut: 6,
  silence: 4,
  delay: 7,
  calls: 18,
}

/**
 * The faults of a run of so many seconds, in their order.
 * @param keyed whether the inventory honours order numbers: if not, nothing may repeat its calls
 */
export function planFaults(seed: number, seconds: number, keyed = true): FaultEvent[] {
  const draw = new Draw(seed, 0xfa)
  const busyUntil = new Map<string, number>()
  const events: FaultEvent[] = []
  const last = seconds * 1_000 - MARGIN_MS
  for (let atMs = MARGIN_MS; atMs < last; atMs += draw.between(EVERY_MS / 2, EVERY_MS * 1.5)) {
    const event = drawFault(draw, atMs)
    const met = metBy(event)
    if ((busyUntil.get(met) ?? 0) > atMs) continue
    busyUntil.set(
      met,
      atMs + ('forMs' in event ? event.forMs : 0) + (event.do === 'restart' ? RESTARTED_AFTER_MS : BACK_AFTER_MS),
    )
    const mayBe = keyed || event.do !== 'calls' || event.service !== 'inventory' || event.how !== 'twice'
    if (mayBe) events.push(event)
  }
  return events
}

function drawFault(draw: Draw, atMs: number): FaultEvent {
  const what = draw.weighted(KINDS)
  const forMs = draw.between(300, 5_000)
  const way = draw.oneOf(['postgres', 'temporal'])
  switch (what) {
    case 'kill':
      return { atMs, do: what, part: draw.oneOf(PARTS) }
    case 'restart':
      return { atMs, do: what, part: draw.oneOf(['postgres', 'temporal', ...PARTS]) }
    case 'pause':
      return { atMs, do: what, part: draw.oneOf(PARTS), forMs: draw.between(300, LONGEST_PAUSE_MS) }
    case 'delay':
      return { atMs, do: what, way, byMs: draw.between(20, 400), forMs }
    case 'calls':
      return {
        atMs,
        do: what,
        service: draw.oneOf(SERVICES),
        how: draw.oneOf(CALL_FAULTS),
        share: draw.between(1, 10) / 10,
        forMs,
      }
    default:
      return { atMs, do: what, way, forMs }
  }
}
