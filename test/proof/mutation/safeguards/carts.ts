import { inFile } from '../mutation.ts'

const KEYS = 'test/store/natural-keys.test.ts'
const API = 'test/api/natural-keys.test.ts'

export const CART_SAFEGUARDS = [
  ...inFile(
    'contracts/natural-key.ts',
    [KEYS],
    [
      {
        find: 'request.fingerprints.some((one) => part === keyPartOf(one)) ? Number(revision) : undefined',
        replace: 'revision === undefined ? undefined : Number(revision)',
        breaks: 'a key that a caller has made up is refused since it looks like a natural one',
      },
      {
        find: '  if (request.lines) return undefined\n',
        replace: '',
        breaks: 'an order of lines is refused for a cart that it does not ask for',
      },
    ],
  ),
  ...inFile(
    'store/migrations/0012-cart-revision.ts',
    [KEYS],
    [
      {
        find: 'set revision = cart_revisions.revision + 1',
        replace: 'set revision = cart_revisions.revision',
        breaks: 'after an edit the order of before is answered, and the edited cart is not ordered',
      },
      {
        find: 'after insert on cart_items',
        replace: 'after truncate on cart_items',
        breaks: 'after goods are put into the cart the order of before is answered',
      },
      {
        find: 'after update of checked on cart_items',
        replace: 'after update on cart_items',
        breaks: 'a repeat meets an empty cart after the order took a part of the pieces',
      },
      {
        find: 'when ((old.num, old.checked) is distinct from (new.num, new.checked)) execute',
        replace: 'execute',
        breaks: 'a cart that is written as it was makes another order of a double click',
      },
      {
        find: '      delete from cart_refusals where user_id = of;\n',
        replace: '',
        breaks: 'the refusals of every address that was ever ordered to are kept for ever',
      },
    ],
  ),
  ...inFile(
    'store/cart-store.ts',
    [KEYS],
    [
      {
        find: 'select raise_cart_revision(user_id) from removed',
        replace: 'select user_id from removed',
        breaks: 'after goods are removed an order is answered that holds them',
      },
    ],
  ),
  ...inFile(
    'store/natural-keys.ts',
    [KEYS],
    [
      {
        find: 'select distinct a.user_id, 0 from asked a\n      where not exists',
        replace: 'select distinct a.user_id, 0 from asked a\n      where false and not exists',
        breaks: 'no order of a cart of before there were revisions can be placed',
      },
      { find: 'and s.revision = v.revision', replace: '', breaks: 'refusals of the cart as it was count for the cart as it is' },
      {
        find: "o.status = 'TRADE_CLOSED' and o.confirmed_at is null and",
        replace: 'false and',
        breaks: 'a refusal is answered for ever, until the cart is edited',
      },
      {
        find: " and o.refusal_type is distinct from 'EmptyCart'",
        replace: '',
        breaks: 'each repeat of an order of an empty cart is a new row',
      },
      {
        find: 'o.confirmed_at is null and',
        replace: 'true and',
        breaks: 'the repeat of an order that was cancelled since meets an empty cart',
      },
      {
        find: '\n          or left(o.fingerprint, length(c.part)) <> c.part',
        replace: '',
        breaks: 'whoever puts another request under a natural key locks its cart',
      },
      {
        find: 'where (r.revision, r.spent) < (excluded.revision, excluded.spent)',
        replace: 'where true',
        breaks: 'a refusal is answered once more, since a slow reader takes back what another has noted',
      },
    ],
  ),
  ...inFile(
    'store/open-orders.ts',
    [KEYS],
    [
      {
        find: ' and i.order_sn not in (select order_sn from changed)',
        replace: '',
        breaks: 'an order of an old key takes the edited cart, and the click behind the edit meets an empty one',
      },
      {
        find: 'order by v.user_id for update of v',
        replace: 'order by v.user_id',
        breaks: 'an edit at that moment is in the order or not, under the key of before',
      },
      {
        find: 'order by v.user_id for',
        replace: 'for',
        breaks: 'two batches of the same users deadlock over revisions',
      },
      {
        find: '(select count(*) from cart) >= 0 and v.user_id in',
        replace: 'v.user_id in',
        breaks: 'an order and an edit of its cart deadlock over revisions',
        survives: 'intents are sorted, so PostgreSQL 15 reads all carts before it asks for a revision; no plan promises that.',
      },
      {
        find: 'r.revision is distinct from v.revision',
        replace: 'r.revision <> v.revision',
        breaks: 'a cart whose revision has no row to be locked is ordered as it was',
      },
    ],
  ),
  ...inFile(
    'api/order-intake.ts',
    [API],
    [
      {
        find: "failureIn(error)?.type !== 'CartChanged' || ",
        replace: 'true || ',
        breaks: 'whoever edits their cart at that moment is refused',
      },
    ],
  ),
  ...inFile(
    'api/request-names.ts',
    [API],
    [
      {
        find: 'if (asked.lines) return randomUUID()',
        replace: 'if (!asked.lines) return randomUUID()',
        breaks: 'a double click on a cart is two orders, and two orders of the same lines are one',
      },
    ],
  ),
]
