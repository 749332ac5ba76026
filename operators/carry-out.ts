import { userInfo } from 'node:os'
import type { OperatorDeps } from './operator-deps.ts'
import { Refused } from './refused.ts'
import type { AskedVerb, Outcome } from './verb.ts'

/**
 * Carries a verb out on this machine.
 * @param known who asks, if that is known: nobody may give another name then. @default whoever is named, or the account of this machine
 */
export async function carryOut(deps: OperatorDeps, { verb, given, by, why }: AskedVerb, known?: string): Promise<Outcome> {
  if (known !== undefined && by !== undefined && by !== known) {
    throw new Refused(`who does it is known by the account of the database, which is ${known}: leave --by out`)
  }
  return await verb.run(deps, given, { by: known ?? by ?? accountName(), why })
}

/** Some containers have no account for their user id. */
function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
