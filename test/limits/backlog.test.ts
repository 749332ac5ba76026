import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { appOf } from '../api/parts.ts'
import { openDoor } from '../rpc/door.ts'
import { connectAtOnce } from '../support/connect-at-once.ts'

const SOMAXCONN = '/proc/sys/net/core/somaxconn'
/** Connections that come while a process is busy: more than Node lets the system keep, fewer than the doors serve, and what the system keeps at most. */
const AT_ONCE = Math.min(1_500, existsSync(SOMAXCONN) ? Number(readFileSync(SOMAXCONN, 'utf8')) : 128)

describe('connections that come while the process is busy', () => {
  it('are kept for the door over HTTP until it gets to them', async () => {
    const { listen, stop } = await appOf({})
    try {
      const url = await listen({ host: '127.0.0.1', port: 0 })
      assert.equal(connectAtOnce(Number(new URL(url).port), AT_ONCE), AT_ONCE)
    } finally {
      await stop()
    }
  })

  it('are kept for the door over gRPC until it gets to them', async () => {
    const door = await openDoor()
    try {
      assert.equal(connectAtOnce(Number(door.service.address.split(':').at(-1)), AT_ONCE), AT_ONCE)
    } finally {
      await door.close()
    }
  })
})
