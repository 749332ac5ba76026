import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { CART_PROMISES } from './cart-keys.ts'
import { CART_SAFEGUARDS, type CartSafeguard, cartWithout } from './safeguards.ts'
import { CART_WORLDS } from './worlds.ts'

type World = keyof typeof CART_WORLDS
type Removal = { in: World; breaks: string } | { in: World; holds: string }

/** Promises that the removal of each safeguard, alone, breaks first, and where; `holds`: what else stands in for it. */
const REMOVALS: Record<CartSafeguard, Removal> = {
  raisesWithTheEdit: { in: 'editedCart', breaks: CART_PROMISES.wholeCart },
  confirmRaisesNothing: { in: 'clicks', breaks: CART_PROMISES.sameOrder },
  fieldsInKey: { in: 'tabs', breaks: CART_PROMISES.ownFields },
  refusalSpendsKey: { in: 'clicks', breaks: CART_PROMISES.newAfterRefusal },
  refusalSpendsItsOwn: { in: 'refusedTabs', breaks: CART_PROMISES.sameOrder },
  emptyCartSpendsNothing: { in: 'tabs', holds: 'what is refused of an empty cart, an edit alone can mend' },
  revisionChecked: { in: 'editedCart', breaks: CART_PROMISES.wholeCart },
  revisionLocked: { in: 'editedCart', breaks: CART_PROMISES.wholeCart },
  rowBeforeKey: { in: 'editedCart', breaks: CART_PROMISES.wholeCart },
  cartLocked: { in: 'refusedTabs', breaks: CART_PROMISES.onceOnly },
  placesAgain: { in: 'editedCart', breaks: CART_PROMISES.neverChanged },
}

describe('the natural key of cart orders, in all of its states', () => {
  for (const world of Object.keys(CART_WORLDS) as World[]) {
    it(`keeps every promise: ${world}`, () => {
      const { violated, quiet, trace } = outcome(world)
      assert.equal(violated, undefined, trace)
      assert.ok(quiet > 1, 'a world that is quiet at the start only promises nothing')
    })
  }

  for (const [name, removal] of Object.entries(REMOVALS) as [CartSafeguard, Removal][]) {
    const safeguard = CART_SAFEGUARDS[name].split('; ')[0]
    if ('holds' in removal) {
      it(`holds all the same if not: ${safeguard}, since ${removal.holds}`, () => {
        const { violated, trace } = outcome(removal.in, name)
        assert.equal(violated, undefined, trace)
      })
    } else {
      it(`needs that ${safeguard}: else "${removal.breaks}" is broken`, () => {
        const { violated, trace } = outcome(removal.in, name)
        assert.equal(violated, removal.breaks, trace)
      })
    }
  }

  for (const [file, story, world, removed] of [
    [
      'key-of-another-tab',
      'the refusal of one tab takes the key of the order of the other',
      'refusedTabs',
      'refusalSpendsItsOwn',
    ],
    ['revision-of-the-snapshot', 'a cart is edited between the snapshot and the locks', 'editedCart', 'revisionLocked'],
  ] as const) {
    it(`tells a violation as a story: ${story}`, async () => {
      const told = await readFile(new URL(`../traces/${file}.txt`, import.meta.url), 'utf8')
      assert.equal(outcome(world, removed).trace, told)
    })
  }
})

function outcome(world: World, ...removed: CartSafeguard[]) {
  return CART_WORLDS[world](cartWithout(...removed))
}
