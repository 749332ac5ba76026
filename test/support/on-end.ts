type Ending = () => Promise<void> | void

const endings: Ending[] = []

/** Registers what is to be stopped when the whole mocha run is over: the last one is stopped first. */
export function onEnd(ending: Ending): void {
  endings.push(ending)
}

/** Runs every ending, even when another fails, and throws the failures of all. */
export async function endAll(): Promise<void> {
  const failures: unknown[] = []
  for (let ending = endings.pop(); ending; ending = endings.pop()) {
    try {
      await ending()
    } catch (failure) {
      failures.push(failure)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} test fixtures could not be stopped`)
}
