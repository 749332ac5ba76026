import assert from 'node:assert/strict'
import { type Door, openDoor } from './door.ts'
import { refused } from './refused.ts'

const TOO_MANY: ['INVALID_ARGUMENT', string, string] = ['INVALID_ARGUMENT', '商品数量超过上限', 'InvalidInput']

describe('the cart over gRPC', () => {
  let door: Door
  let users = 0

  before(async () => {
    door = await openDoor()
  })
  after(() => door.close())

  it('takes goods, as they are called and cost now, and answers the id of their row', async () => {
    const userId = ++users
    const fake = { goodsName: 'gold', goodsImage: 'x', goodsPrice: 0.01, checked: false }
    const added = await door.call('cartItemAdd', { userId, goodsId: 3, nums: 2, ...fake })
    assert.ok(added.id > 0)
    const bare = { id: added.id, userId, goodsId: 3, nums: 2, checked: true }
    assert.deepEqual(
      added,
      { ...bare, goodsName: '', goodsImage: '', goodsPrice: 0 },
      'the original answers neither name nor price',
    )
    assert.deepEqual(await door.call('cartItemList', { id: userId }), {
      total: 1,
      cartItems: [{ ...bare, goodsName: 'goods 3', goodsImage: 'https://shop.example/3.png', goodsPrice: Math.fround(19.99) }],
    })
  })

  it('adds to what is there, leaves it checked or unchecked, and lists in the order of the rows', async () => {
    const userId = ++users
    const last = await door.call('cartItemAdd', { userId, goodsId: 9, nums: 1 })
    const first = await door.call('cartItemAdd', { userId, goodsId: 2, nums: 1 })
    assert.ok(first.id > last.id)
    await door.call('cartItemUpdate', { id: last.id, checked: false })
    const again = await door.call('cartItemAdd', { userId, goodsId: 9, nums: 4 })
    assert.deepEqual([again.id, again.nums, again.checked], [last.id, 5, false])
    const { total, cartItems } = await door.call('cartItemList', { id: userId })
    assert.equal(total, 2)
    assert.deepEqual(
      cartItems.map(({ goodsId, nums, checked }) => [goodsId, nums, checked]),
      [
        [9, 5, false],
        [2, 1, true],
      ],
    )
  })

  it('changes a row by its id, or by user and goods: nums 0 leaves the number, checked is always set', async () => {
    const userId = ++users
    const { id } = await door.call('cartItemAdd', { userId, goodsId: 5, nums: 3 })
    const shown = async () => {
      const { cartItems } = await door.call('cartItemList', { id: userId })
      return cartItems.map(({ nums, checked }) => [nums, checked])
    }
    await door.call('cartItemUpdate', { id, nums: 7, checked: true })
    assert.deepEqual(await shown(), [[7, true]])
    await door.call('cartItemUpdate', { id })
    assert.deepEqual(await shown(), [[7, false]])
    await door.call('cartItemUpdate', { userId, goodsId: 5, nums: 1, checked: true })
    assert.deepEqual(await shown(), [[1, true]])
    await door.call('cartItemUpdate', { id, userId, nums: 2, checked: true })
    assert.deepEqual(await shown(), [[2, true]])
  })

  it('takes a row out once', async () => {
    const userId = ++users
    const { id } = await door.call('cartItemAdd', { userId, goodsId: 5, nums: 3 })
    await door.call('cartItemAdd', { userId, goodsId: 6, nums: 3 })
    await door.call('cartItemDelete', { id })
    await refused(door, 'cartItemDelete', { id }, ['NOT_FOUND', '购物车记录不存在', 'CartItemNotFound'])
    await door.call('cartItemDelete', { userId, goodsId: 6 })
    assert.equal((await door.call('cartItemList', { id: userId })).total, 0)
  })

  it('leaves a row of somebody else alone, if the request names its user', async () => {
    const userId = ++users
    const { id } = await door.call('cartItemAdd', { userId, goodsId: 5, nums: 3 })
    const other = ++users
    await refused(door, 'cartItemUpdate', { id, userId: other, nums: 9 }, ['NOT_FOUND', '购物车记录不存在', 'CartItemNotFound'])
    await refused(door, 'cartItemDelete', { id, userId: other }, ['NOT_FOUND', '购物车记录不存在', 'CartItemNotFound'])
    assert.deepEqual((await door.call('cartItemList', { id: userId })).cartItems[0]?.nums, 3)
  })

  it('refuses in the words of the original', async () => {
    const userId = ++users
    await refused(door, 'cartItemList', { id: 0 }, ['INVALID_ARGUMENT', '用户ID必须大于0', 'InvalidInput'])
    await refused(door, 'cartItemList', { id: -1 }, ['INVALID_ARGUMENT', '用户ID必须大于0', 'InvalidInput'])
    await refused(door, 'cartItemAdd', { goodsId: 1, nums: 1 }, ['INVALID_ARGUMENT', '用户ID必须大于0', 'InvalidInput'])
    await refused(door, 'cartItemAdd', { userId, nums: 1 }, ['INVALID_ARGUMENT', '商品ID必须大于0', 'InvalidInput'])
    await refused(door, 'cartItemAdd', { userId, goodsId: 1 }, ['INVALID_ARGUMENT', '商品数量必须大于0', 'InvalidInput'])
    await refused(door, 'cartItemAdd', { userId, goodsId: 1, nums: -5 }, [
      'INVALID_ARGUMENT',
      '商品数量必须大于0',
      'InvalidInput',
    ])
    await refused(door, 'cartItemAdd', { userId, goodsId: 1, nums: 10_000 }, TOO_MANY)
    await refused(door, 'cartItemAdd', { userId, goodsId: 404, nums: 1 }, ['INTERNAL', '查询商品信息失败', 'GoodsNotFound'])
    await refused(door, 'cartItemAdd', { userId, goodsId: 410, nums: 1 }, ['FAILED_PRECONDITION', '商品已下架', 'GoodsOffSale'])
    await refused(door, 'cartItemAdd', { userId, goodsId: 503, nums: 1 }, ['INTERNAL', '系统错误，请联系客服', 'InternalError'])
    await refused(door, 'cartItemUpdate', { userId }, ['INVALID_ARGUMENT', '购物车ID或用户ID+商品ID必须提供', 'InvalidInput'])
    await refused(door, 'cartItemUpdate', { id: 1, nums: -1 }, ['INVALID_ARGUMENT', '商品数量不能为负数', 'InvalidInput'])
    await refused(door, 'cartItemUpdate', { userId, goodsId: 77 }, ['NOT_FOUND', '购物车记录不存在', 'CartItemNotFound'])
    await refused(door, 'cartItemDelete', { goodsId: 1 }, ['INVALID_ARGUMENT', '购物车ID或用户ID+商品ID必须提供', 'InvalidInput'])
    assert.equal((await door.call('cartItemList', { id: userId })).total, 0)
  })

  it('adds no piece beyond what an order may have', async () => {
    const userId = ++users
    await door.call('cartItemAdd', { userId, goodsId: 5, nums: 9_999 })
    await refused(door, 'cartItemAdd', { userId, goodsId: 5, nums: 1 }, TOO_MANY)
    await refused(door, 'cartItemUpdate', { userId, goodsId: 5, nums: 10_000 }, TOO_MANY)
  })
})
