import type { FieldProblem } from './failures.ts'

/** All that is wrong with one input: each check of a schema (schema.ts) adds to it, and one failure names all of it. */
export class InputProblems {
  readonly #always: FieldProblem[] = []
  readonly #ofToday: FieldProblem[] = []

  add(field: string, problem: string): void {
    this.#always.push({ field, problem })
  }

  /** Adds what only breaks a rule that came after orders were in flight: a run that began before goes on as its history says. */
  addOfToday(field: string, problem: string): void {
    this.#ofToday.push({ field, problem })
  }

  /** Number of rules that are broken, those of today left out. */
  get count(): number {
    return this.#always.length
  }

  /** All that counts. @param byRulesOfToday whether the rules of today do; asked only if nothing but them is broken */
  counting(byRulesOfToday: () => boolean): FieldProblem[] {
    const all = [...this.#always, ...this.#ofToday]
    return this.count > 0 || (all.length > 0 && byRulesOfToday()) ? all : []
  }
}

/** The problem of a member that is doubled. */
export const THERE_TWICE = 'is there twice: once is enough'

/** A field's name as somebody sent it, made fit to be repeated in a message. */
export function printable(field: string): string {
  return field.replace(/[^\x20-\x7e]/g, '?').slice(0, 64)
}
