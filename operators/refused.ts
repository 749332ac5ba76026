/** Why a verb was not carried out; nothing was changed, and its message says what to do instead. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
