/**
 * Does something for each of many, a few at a time, as long as there is time.
 * @param mayBegin is asked before each
 */
export async function inTurn<T>(
  all: readonly T[],
  { atOnce, mayBegin }: { atOnce: number; mayBegin: () => boolean },
  one: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = all.values()
  const takeTurns = async () => {
    for (const item of waiting) {
      if (!mayBegin()) return
      await one(item)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, takeTurns))
}
