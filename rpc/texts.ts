import type { FailureType } from '../contracts/failures.ts'
import type { OrderServiceService } from '../proto/generated/order.ts'

/** A method of the order service. */
export type OrderMethod = keyof typeof OrderServiceService

/** Answer to a refused call: the text that the shop's page shows to its customer and, if it is another than that of docs/failures.md, the gRPC status. */
export interface RefusalText {
  text: string
  code?: 'INTERNAL' | 'FAILED_PRECONDITION' | 'INVALID_ARGUMENT' | 'UNAVAILABLE'
}

const BUSY = '系统忙，请稍后重试'

/**
 * The answer to each failure, by its type. The statuses that stand here are the original's. A failure of a participant that was added later needs no
 * text: `OTHER_TEXT` stands in.
 */
export const TEXTS: Partial<Record<FailureType, RefusalText>> = {
  GoodsNotFound: { text: '商品不存在' },
  InsufficientStock: { text: '商品库存不足', code: 'FAILED_PRECONDITION' },
  ServiceUnavailable: { text: BUSY },
  GoodsOffSale: { text: '商品已下架' },
  EmptyCart: { text: '购物车中没有选中的商品' },
  OrderInProgress: { text: '正在处理其他订单，请稍后重试' },
  IdempotencyKeyReused: { text: '该请求标识已用于其他订单' },
  InvalidInput: { text: '请求参数无效' },
  UserNotFound: { text: '用户不存在' },
  PriceNotExact: { text: '商品价格无效，暂时无法购买' },
  OrderClosed: { text: '订单已关闭，请重新下单' },
  OrderTimedOut: { text: '创建订单超时，请重新下单' },
  OrderCancelled: { text: '订单已取消，请重新下单' },
  CompensationFailed: { text: '创建订单失败，请联系客服' },
  ServiceRejected: { text: '系统错误，请联系客服' },
  OrderNotFound: { text: '订单不存在' },
  CartItemNotFound: { text: '购物车记录不存在' },
  RouteNotFound: { text: '请求的方法不存在' },
  BodyTooLarge: { text: '请求内容过大' },
  UnsupportedMediaType: { text: '请求格式无效' },
  OrderInDoubt: { text: '订单正在核实中，请稍后查看' },
  OrderPending: { text: '订单仍在处理中，可能稍后创建成功，请稍后查看订单，请勿重复下单' },
  MethodNotAllowed: { text: '请求的方法不存在' },
  OrderNotReady: { text: '订单正在处理中，请稍后重试' },
  MoveNotAllowed: { text: '无效的状态转换' },
  OrderPaid: { text: '无效的状态转换' },
  PaymentLate: { text: '订单已关闭，款项将退回' },
  PaymentDuplicate: { text: '订单已支付，重复的款项将退回' },
  PaymentMismatch: { text: '支付金额与订单金额不符，款项将退回' },
  PaymentReused: { text: '该支付记录已用于其他订单' },
  PaymentNotFound: { text: '支付记录不存在' },
  RecipientErased: { text: '收货信息已删除，请重新下单' },
  CartChanged: { text: '购物车已变化，请确认后重新下单' },
  PriceChanged: { text: '商品价格已变化，请确认后重新下单' },
  Unauthenticated: { text: '请先登录' },
  Forbidden: { text: '无权限执行该操作' },
  MisdirectedRequest: { text: '请求的地址不正确' },
  UnpaidOrdersLimit: { text: '未支付订单过多，请先支付或取消' },
  UnpaidPiecesLimit: { text: '未支付商品数量超过上限，请减少数量或先支付其他订单' },
  VerbRefused: { text: '订单状态不允许该操作' },
  TooManyRequests: { text: '请求过于频繁，请稍后重试' },
  InternalError: { text: '系统错误，请联系客服' },
}

/** The answer to a failure without a text of its own: the order can not be placed as it is. */
export const OTHER_TEXT: RefusalText = { text: '订单无法处理，请检查后重新下单' }

/** The answers that one method gives instead. */
export const TEXTS_OF: Partial<Record<OrderMethod, Partial<Record<FailureType, RefusalText>>>> = {
  cartItemAdd: {
    GoodsNotFound: { text: '查询商品信息失败', code: 'INTERNAL' },
    ServiceUnavailable: { text: '查询商品信息失败', code: 'INTERNAL' },
    ServiceRejected: { text: '查询商品信息失败', code: 'INTERNAL' },
  },
  orderDelete: {
    OrderNotFound: { text: '订单不存在或无权限删除' },
    MoveNotAllowed: { text: '当前状态的订单不允许删除' },
    OrderPaid: { text: '当前状态的订单不允许删除' },
  },
}

/** The texts for a field of a request that is wrong, all of them INVALID_ARGUMENT. */
export const FIELD_TEXTS = {
  userId: '用户ID必须大于0',
  goodsId: '商品ID必须大于0',
  nums: '商品数量必须大于0',
  negativeNums: '商品数量不能为负数',
  tooManyNums: '商品数量超过上限',
  fullCart: '购物车商品种类已达上限',
  cartItem: '购物车ID或用户ID+商品ID必须提供',
  address: '收货地址不能为空',
  name: '收货人姓名不能为空',
  mobile: '收货人手机不能为空',
  orderId: '订单ID必须大于0',
  order: '订单ID或订单号必须提供',
  status: '订单状态不能为空',
  unknownStatus: '无效的订单状态',
} as const
