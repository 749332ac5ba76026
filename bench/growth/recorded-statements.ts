import type { KyselyConfig } from 'kysely'

/** One statement as it was sent. */
export interface SentStatement {
  text: string
  parameters: readonly unknown[]
}

/** Notes what a database is sent while it is asked to, by `log` of connectDatabase. */
export class RecordedStatements {
  #statements: SentStatement[] | undefined

  readonly log: KyselyConfig['log'] = ({ query: { sql: text, parameters } }) => {
    this.#statements?.push({ text, parameters })
  }

  /** @returns what `run` sent */
  async during(run: () => Promise<unknown>): Promise<SentStatement[]> {
    const statements: SentStatement[] = []
    this.#statements = statements
    await run().finally(() => {
      this.#statements = undefined
    })
    return statements
  }
}
