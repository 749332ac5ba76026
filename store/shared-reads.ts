interface Asked<Value> {
  key: string
  answer: (value: Value | undefined) => void
  fail: (error: unknown) => void
}

/**
 * Reads by key for many callers at once: one that comes alone is served at once, those that come while a statement is under way share the
 * next one. So a storm of requests costs few statements, whatever they ask for.
 */
export class SharedReads<Value> {
  readonly #atOnce: number
  readonly #read: (keys: string[]) => Promise<ReadonlyMap<string, Value>>
  #asked: Asked<Value>[] = []
  #isReading = false

  /**
   * @param atOnce number of keys in one statement
   * @param read reads many keys, each of them once; the value of one that it does not return is `undefined`
   */
  constructor(atOnce: number, read: (keys: string[]) => Promise<ReadonlyMap<string, Value>>) {
    this.#atOnce = atOnce
    this.#read = read
  }

  async get(key: string): Promise<Value | undefined> {
    return await new Promise((answer, fail) => {
      this.#asked.push({ key, answer, fail })
      if (!this.#isReading) void this.#readAll()
    })
  }

  async #readAll(): Promise<void> {
    this.#isReading = true
    while (this.#asked.length > 0) {
      const batch = this.#asked.splice(0, this.#atOnce)
      try {
        const values = await this.#read([...new Set(batch.map(({ key }) => key))])
        for (const { key, answer } of batch) answer(values.get(key))
      } catch (error) {
        for (const { fail } of batch) fail(error)
      }
    }
    this.#isReading = false
  }
}
