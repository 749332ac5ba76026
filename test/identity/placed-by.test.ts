import assert from 'node:assert/strict'
import { failureIn } from '../../contracts/application-failure.ts'
import { ANYBODY, type Caller } from '../../contracts/caller.ts'
import { parseOrderRequest } from '../../contracts/order-request.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { placedBy } from '../../identity/placed-by.ts'
import { appOf, REQUEST } from '../api/parts.ts'
import { type Door, openDoor } from '../rpc/door.ts'

const CUSTOMER: Caller = { kind: 'customer', subject: 'auth0|7', userId: 7 }
const SHOP: Caller = { kind: 'service', subject: 'the shop', scopes: new Set(['orders:any']) }

describe('who placed an order', () => {
  describe('stands on it', () => {
    let door: Door
    let caller: Caller = ANYBODY
    before(async () => {
      door = await openDoor({ authenticate: () => caller })
    })
    after(() => door.close())

    it('over HTTP, with and without the lane', async () => {
      for (const who of [CUSTOMER, SHOP]) {
        const single = await appOf({ authenticate: () => who })
        assert.equal((await single.post()).statusCode, 201)
        assert.deepEqual(
          single.started.map((request) => request.placedBy),
          [who.subject],
        )
        const taken: unknown[] = []
        const lane = await appOf({
          authenticate: () => who,
          lane: {
            refuseIfBusy() {},
            async take(request) {
              taken.push(request.placedBy)
              return { kind: 'open', workflowId: 'w', isStarted: false }
            },
          },
        })
        await lane.post()
        assert.deepEqual(taken, [who.subject])
        assert.ok(!single.logged.concat(lane.logged).some((line) => line.includes('auth0|7') || line.includes('the shop')))
      }
    })

    it('over gRPC, in the row, and in no event', async () => {
      for (const [who, userId, expected] of [
        [ANYBODY, 70, undefined],
        [{ ...CUSTOMER, userId: 71 }, 71, 'auth0|7'],
        [SHOP, 72, 'the shop'],
      ] as const) {
        caller = who
        await door.call('cartItemAdd', { userId, goodsId: 3, nums: 1 })
        const { orderSn } = await door.call('orderCreate', { userId, address: '1 Road', name: 'Ada', mobile: '1' })
        assert.equal((await door.orders.getOrder(orderSn))?.placedBy, expected)
      }
      const events = JSON.stringify(await door.db.selectFrom('order_events').select('payload').execute())
      assert.doesNotMatch(events + door.logged.join(), /auth0|the shop/)
    })
  })

  it('is the word of the door: a caller can not say it', async () => {
    const { post, started } = await appOf()
    const { statusCode, body } = await post({ ...REQUEST, placedBy: 'somebody else' })
    assert.equal(statusCode, 400)
    assert.match(body, /"placedBy","problem":"is not known"/)
    assert.equal(started.length, 0)
  })

  it('reaches the store through every run, and is no part of what is asked', () => {
    const input = { ...REQUEST, placedBy: 'auth0|7' }
    assert.deepEqual(parseOrderRequest(input, ''), input)
    assert.deepEqual([orderSnOf(input), fingerprintOf(input)], [orderSnOf(REQUEST), fingerprintOf(REQUEST)])
    assert.deepEqual(parseOrderRequest(REQUEST, ''), REQUEST, 'an input of before')
  })

  it('never keeps an order from being placed, whatever an issuer writes', () => {
    const of = (subject: string) => placedBy({ ...CUSTOMER, subject })
    for (const subject of ['a\nb\0', '\u{202e}x', 'é'.repeat(300), `${'a'.repeat(254)}\u{1f600}`, '\ud800y', ' z ']) {
      try {
        parseOrderRequest({ ...REQUEST, ...of(subject) }, '')
      } catch (error) {
        assert.fail(`${JSON.stringify(subject)}: ${JSON.stringify(failureIn(error))}`)
      }
    }
    assert.deepEqual(of('a\nb\0'), { placedBy: 'ab' })
    assert.deepEqual(of('\n'), {})
  })
})
