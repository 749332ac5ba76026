import { invalidInput } from '../contracts/invalid-input.ts'
import { FIELD_TEXTS } from './texts.ts'

/** A request of which one field is wrong: InvalidInput, with a text that names it. */
export class InvalidField extends Error {
  readonly text: string

  /** @param field its name in the message */
  constructor(text: keyof typeof FIELD_TEXTS, field: string, problem: string) {
    super(`${field} ${problem}`, { cause: invalidInput([{ field, problem }]) })
    this.text = FIELD_TEXTS[text]
  }
}
