import type { GoodsInfoResponse, GoodsListResponse } from '../../proto/generated/goods.ts'
import type { UserInfoResponse } from '../../proto/generated/user.ts'
import { STUB_GOODS } from '../order-body.ts'

const goods = new Map(Array.from({ length: STUB_GOODS }, (_, i) => [i + 1, goodsOf(i + 1)]))

/** The goods of these ids, as the services of the bench answer; those that do not exist are absent. */
export function stubGoods(ids: readonly number[]): GoodsListResponse {
  const data = ids.flatMap((id) => goods.get(id) ?? [])
  return { total: data.length, data }
}

/** A user, as the services of the bench answer: everybody exists. */
export function stubUser(id: number): UserInfoResponse {
  const [mobile, email, nickname] = ['10000000000', `user${id}@shop.example`, `User ${id}`]
  const rest = { birthday: 0n, gender: 'female', avatar: '', role: 1, username: nickname }
  return { id, password: '', mobile, email, nickname, ...rest }
}

function goodsOf(id: number): GoodsInfoResponse {
  const price = (199 + ((id * 7_919) % 49_800)) / 100
  return {
    id,
    name: `Goods ${id}`,
    goodsSn: `G${id}`,
    stocks: 0,
    marketPrice: price,
    shopPrice: price,
    goodsBrief: `Goods ${id}`,
    goodsDesc: '',
    images: [],
    descImages: [],
    goodsFrontImage: `https://images.shop.example/goods/${id}.jpg`,
    status: 1,
    isHot: false,
    isNew: false,
    onSale: true,
    shipFree: true,
    brandId: 1,
    categoryIds: [1],
  }
}
