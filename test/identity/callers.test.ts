import assert from 'node:assert/strict'
import { ANYBODY } from '../../contracts/caller.ts'
import type { Authenticate, Credentials } from '../../identity/authenticate.ts'
import { appOf } from '../api/parts.ts'
import { openDoor } from '../rpc/door.ts'

describe('callers', () => {
  const seen: Credentials[] = []
  const authenticate: Authenticate = async (credentials) => {
    seen.push(credentials)
    return ANYBODY
  }

  it('are asked for by both doors before anything else is read, with each credential they sent', async () => {
    const { app } = await appOf({ authenticate })
    await app.inject({ url: '/orders/X', headers: { authorization: 'Bearer one' } })
    const door = await openDoor({ authenticate })
    try {
      await door.call('orderList', { userId: 7 }, { metadata: { authorization: 'Bearer two' } })
    } finally {
      await door.close()
    }
    assert.deepEqual(seen, [{ authorization: ['Bearer one'] }, { authorization: ['Bearer two'] }])
  })
})
