import type { DoStep, UndoStep } from '../../../../contracts/participants/list.ts'
import { BatchGoodsIdInfo } from '../../../../proto/generated/goods.ts'
import { SellInfo } from '../../../../proto/generated/inventory.ts'
import { IdRequest } from '../../../../proto/generated/user.ts'

/**
 * `single`: a run for each order; `lane`: the express lane, its worker apart; `hosted`: the same with the worker in the starter,
 * and so with a head start; `unkeyed`: a run for each order, an inventory without keys; `unkeyed-hosted`: the same inventory behind the express lane,
 * its worker in the starter.
 */
export const LANES = ['single', 'lane', 'hosted', 'unkeyed', 'unkeyed-hosted'] as const
export type Lane = (typeof LANES)[number]

/**
 * One deployment has one kind of inventory, and the goods of one are too few for three lanes: these have an inventory and an order
 * store of their own.
 */
export function hasOwnInventory(lane: Lane): lane is Exclude<Lane, 'single' | 'lane'> {
  return lane !== 'single' && lane !== 'lane'
}

/** Returns the inventory by which goods are counted: lanes of one inventory share no goods. */
export function inventoryOf(lane: Lane): 'shared' | Exclude<Lane, 'single' | 'lane'> {
  return hasOwnInventory(lane) ? lane : 'shared'
}

export function isExpress(lane: Lane): boolean {
  return lane === 'lane' || isHosted(lane)
}

/** Returns true if the worker is in the starter. */
export function isHosted(lane: Lane): boolean {
  return lane === 'hosted' || lane === 'unkeyed-hosted'
}

/** Returns true if the inventory has no keys. */
export function isUnkeyed(lane: Lane): boolean {
  return lane === 'unkeyed' || lane === 'unkeyed-hosted'
}

export type Party = 'Temporal' | 'PostgreSQL' | 'User' | 'Goods' | 'Inventory'

/** Marks that name an order in its messages; each order of the matrix has a user and goods of its own. */
export interface OrderMarks {
  userId: number
  requestId: string
  orderSn: string
  goodsId: number
}

interface Step {
  /** Set for a step of orders that are placed so alone. */
  door?: 'click'
  /** Party at the other end of the edge. */
  party: Party
  lanes: readonly Lane[]
  /** Set for a step that an order reaches only by failing after its Sell. */
  undo?: true
  /** Set for a step that an order reaches by being cancelled once it was created. */
  life?: true
  /** The process that sends it. @default 'worker' */
  sender?: 'starter'
  /**
   * Returns true if a message, of this party, is this step of that order.
   * @param path of the gRPC method; empty for statements
   */
  is(message: Buffer, order: OrderMarks, path: string): boolean
}

const KEYED = ['single', 'lane', 'hosted'] as const
const UNKEYED = ['unkeyed', 'unkeyed-hosted'] as const
/** One keyed lane and the other one: what follows a cancellation knows no lane, and the goods of the shared inventory are all in use. */
const LIFE = ['hosted', 'unkeyed'] as const
/** One lane: how a click gets its key knows no lane. */
const NAMED = ['hosted'] as const

/** A statement of the store, by words that no other has, and its order. */
function statement(...words: string[]): Step['is'] {
  return (message, { orderSn }) => [...words, orderSn].every((word) => message.includes(word))
}

/** A Sell or a Reback of these goods. */
function stockCall(method: string): Step['is'] {
  return (message, { goodsId }, path) =>
    path.endsWith(method) && SellInfo.decode(message).goodsInvInfo.some((line) => line.goodsId === goodsId)
}

/** The statement that makes the key of a cart order, which holds a part of its fingerprint. */
function naming(message: Buffer, { requestId }: OrderMarks): boolean {
  const [, , part = ''] = requestId.split('-')
  return message.includes('judged as materialized (') && message.includes(part)
}

/** A start of the workflow that gives back what this order holds. */
function giveBackStart(message: Buffer, { orderSn }: OrderMarks, path: string): boolean {
  return path.endsWith('/StartWorkflowExecution') && message.includes('give-back-orders/') && message.includes(orderSn)
}

/** The Reback of a cancelled order: by its number, or by its goods where the inventory has no keys. */
function rebackOf(message: Buffer, { orderSn, goodsId }: OrderMarks, path: string): boolean {
  if (!path.endsWith('/Reback')) return false
  const { orderSn: named, goodsInvInfo } = SellInfo.decode(message)
  return named ? named === orderSn : goodsInvInfo.some((line) => line.goodsId === goodsId)
}

/** Every edge that an order's messages cross, in their order. */
export const STEPS = {
  nameOrder: { party: 'PostgreSQL', lanes: NAMED, door: 'click', sender: 'starter', is: naming },
  start: {
    party: 'Temporal',
    lanes: LANES,
    sender: 'starter',
    is: (message, { requestId }, path) => path.endsWith('/StartWorkflowExecution') && message.includes(requestId),
  },
  openOrder: { party: 'PostgreSQL', lanes: LANES, is: statement('opened as (') },
  getUser: {
    party: 'User',
    lanes: LANES,
    is: (message, { userId }, path) => path.endsWith('/GetUserById') && IdRequest.decode(message).id === userId,
  },
  batchGetGoods: {
    party: 'Goods',
    lanes: LANES,
    is: (message, { goodsId }, path) => path.endsWith('/BatchGetGoods') && BatchGoodsIdInfo.decode(message).id.includes(goodsId),
  },
  markSell: { party: 'PostgreSQL', lanes: UNKEYED, is: statement('unsent as materialized (', 'CREATING') },
  sell: { party: 'Inventory', lanes: LANES, is: stockCall('/Sell') },
  recordSell: { party: 'PostgreSQL', lanes: UNKEYED, is: statement('answered as materialized (', 'selling') },
  confirmOrder: { party: 'PostgreSQL', lanes: LANES, is: statement('reduced as (') },
  reportTask: {
    party: 'Temporal',
    lanes: LANES,
    is: (message, { requestId, orderSn }, path) =>
      path.endsWith('/RespondWorkflowTaskCompleted') && (message.includes(requestId) || message.includes(orderSn)),
  },
  reportActivity: {
    party: 'Temporal',
    lanes: ['single', 'unkeyed'],
    is: (message, { orderSn }, path) => path.endsWith('/RespondActivityTaskCompleted') && message.includes(orderSn),
  },
  voidOrder: { party: 'PostgreSQL', lanes: LANES, undo: true, is: statement('absent as (') },
  markReback: { party: 'PostgreSQL', lanes: UNKEYED, undo: true, is: statement('unsent as materialized (', 'TRADE_CLOSED') },
  reback: { party: 'Inventory', lanes: LANES, undo: true, is: stockCall('/Reback') },
  recordReback: { party: 'PostgreSQL', lanes: UNKEYED, undo: true, is: statement('answered as materialized (', 'returning') },
  markReturned: { party: 'PostgreSQL', lanes: KEYED, undo: true, is: statement('owing as materialized (') },
  closeOrder: { party: 'PostgreSQL', lanes: LIFE, life: true, sender: 'starter', is: statement('closed_for = $') },
  startGiveBack: { party: 'Temporal', lanes: LIFE, life: true, sender: 'starter', is: giveBackStart },
  giveBack: { party: 'Inventory', lanes: LIFE, life: true, is: rebackOf },
} as const satisfies Record<string, Step> & Record<DoStep | UndoStep, Step>

export type StepName = keyof typeof STEPS

export function stepOf(name: StepName): Step {
  return STEPS[name]
}
