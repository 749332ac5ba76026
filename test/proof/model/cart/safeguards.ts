/** Safeguards on which the natural key of cart orders rests, each with what its removal does to the model. */
export const CART_SAFEGUARDS = {
  raisesWithTheEdit: 'the statement that changes a cart raises its revision; without, a second one does, or nobody',
  confirmRaisesNothing: 'a confirmation leaves the revision as it is; without, it raises it like an edit',
  fieldsInKey: "the key holds the fingerprint of the request's fields; without, the revision alone",
  refusalSpendsKey: 'a refusal spends the key that it answered; without, the key stays, and with it the refusal',
  refusalSpendsItsOwn: 'a refusal spends the key of its own request alone; without, it raises the revision for all',
  emptyCartSpendsNothing: 'EmptyCart spends no key; without, it does like any refusal',
  revisionChecked: "openOrders takes a cart of the key's revision alone; without, the cart as it is",
  revisionLocked: "openOrders reads the revision under its row's lock; without, from the snapshot of its statement",
  rowBeforeKey: 'whoever makes a key sees to it that there is a row to be locked; without, a cart that nobody edited has none',
  cartLocked: 'openOrders reads the cart under row locks; without, from the snapshot of its statement',
  placesAgain: 'a request whose cart has changed meanwhile is placed again under a new key; without, it is refused',
} as const

export type CartSafeguard = keyof typeof CART_SAFEGUARDS
export type CartSafeguards = ReadonlySet<CartSafeguard>

/** Every safeguard but these. */
export function cartWithout(...removed: CartSafeguard[]): CartSafeguards {
  return new Set((Object.keys(CART_SAFEGUARDS) as CartSafeguard[]).filter((safeguard) => !removed.includes(safeguard)))
}
