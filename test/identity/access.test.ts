import assert from 'node:assert/strict'
import { failureIn } from '../../contracts/application-failure.ts'
import { ANYBODY, type Caller, SCOPES } from '../../contracts/caller.ts'
import { type Access, requireAccess } from '../../identity/access.ts'

describe('access', () => {
  const mayUse = (caller: Caller, access: Access) => {
    try {
      requireAccess(caller, access)
      return true
    } catch (error) {
      assert.equal(failureIn(error)?.type, 'Forbidden')
      return false
    }
  }

  it('is had by a service through the very scope that is asked, and by no other; what is own takes that for everybody’s', () => {
    for (const scope of SCOPES) {
      const service: Caller = { kind: 'service', subject: 'shop', scopes: new Set([scope]) }
      for (const asked of SCOPES) assert.equal(mayUse(service, asked), asked === scope, `${scope} at ${asked}`)
      assert.equal(mayUse(service, 'own'), scope === 'orders:any', scope)
    }
  })

  it('is had by a customer to what is their own alone, and by whoever nobody asked to everything', () => {
    const customer: Caller = { kind: 'customer', subject: '7', userId: 7 }
    for (const asked of SCOPES) assert.deepEqual([mayUse(customer, asked), mayUse(ANYBODY, asked)], [false, true], asked)
    for (const asked of ['own', 'open', 'inside'] as const) assert.ok(mayUse(customer, asked) && mayUse(ANYBODY, asked), asked)
  })
})
