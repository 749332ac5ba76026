/** Orders in one statement. */
const AT_ONCE = 500

interface Asked {
  orderSn: string
  answer: (id: number | undefined) => void
  fail: (error: unknown) => void
}

/** Looks up the integers of orders for many callers at once: those that come while a statement is under way share the next one. */
export class OrderIds {
  readonly #idsOf: (orderSns: string[]) => Promise<Map<string, number>>
  #asked: Asked[] = []
  #isReading = false

  constructor(idsOf: (orderSns: string[]) => Promise<Map<string, number>>) {
    this.#idsOf = idsOf
  }

  async idOf(orderSn: string): Promise<number | undefined> {
    return await new Promise((answer, fail) => {
      this.#asked.push({ orderSn, answer, fail })
      if (!this.#isReading) void this.#read()
    })
  }

  async #read(): Promise<void> {
    this.#isReading = true
    while (this.#asked.length > 0) {
      const batch = this.#asked.splice(0, AT_ONCE)
      try {
        const ids = await this.#idsOf([...new Set(batch.map(({ orderSn }) => orderSn))])
        for (const { orderSn, answer } of batch) answer(ids.get(orderSn))
      } catch (error) {
        for (const { fail } of batch) fail(error)
      }
    }
    this.#isReading = false
  }
}
