/** Thrown if a verb was not carried out. Nothing was changed, and the message names what to do instead. */
export class Refused extends Error {
  override readonly name = 'Refused'
  /** True if there is no such order. */
  readonly isAbsent: boolean

  constructor(message: string, { isAbsent = false } = {}) {
    super(message)
    this.isAbsent = isAbsent
  }
}
