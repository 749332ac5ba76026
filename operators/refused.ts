/** Thrown if a verb was not carried out. Nothing was changed, and the message names what to do instead. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
