/**
 * Looks for fewer events that still fail (delta debugging): each part alone, then all but one part, in ever smaller parts.
 * @param fails whether these events, in their order, bring the failure about
 * @param runs how often `fails` may be asked at most
 * @returns the fewest found; all of them if no fewer failed
 */
export async function shorten<T>(
  events: readonly T[],
  fails: (events: readonly T[]) => Promise<boolean>,
  runs: number,
): Promise<T[]> {
  let kept = [...events]
  let left = runs
  for (let parts = 2; kept.length > 1; ) {
    const size = Math.ceil(kept.length / parts)
    const slices: T[][] = []
    for (let i = 0; i < kept.length; i += size) slices.push(kept.slice(i, i + size))
    // Of two parts, all but one is the other.
    const without = slices.length > 2 ? slices.map((slice) => slices.filter((one) => one !== slice).flat()) : []
    let found: T[] | undefined
    for (const candidate of [...slices, ...without]) {
      if (left-- <= 0) return kept
      if (await fails(candidate)) {
        found = candidate
        break
      }
    }
    if (found) {
      parts = without.includes(found) ? parts - 1 : 2
      kept = found
    } else {
      if (parts >= kept.length) return kept
      parts = Math.min(kept.length, parts * 2)
    }
  }
  return kept
}
