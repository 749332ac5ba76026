import type { Connection, RowDataPacket } from 'mysql2/promise'
import { MAX_ID } from '../contracts/limits.ts'
import type { HighestIds } from '../store/imported/raise-ids.ts'
import type { SourceCartRow, SourceLine, SourceOrder } from './source-rows.ts'
import type { SharedNumbers } from './take-order.ts'

/** Rows of carts that one statement reads. */
const CART_PAGE = 5_000

type Column = [name: string, as: (column: string) => string]

const plain = (name: string): Column => [name, (column) => column]
/** A time as it is there, `null` if it is none: MySQL takes `0000-00-00`, and months without a day. */
const time = (name: string): Column => [
  name,
  (column) => `if(year(${column}) > 0 and month(${column}) > 0 and day(${column}) > 0, cast(${column} as char), null)`,
]
/** A float is sent by six digits, unless it is added to a double. */
const float = (name: string): Column => [name, (column) => `${column} + 0e0`]

const ORDER = {
  id: plain('id'),
  user: plain('user'),
  orderSn: plain('order_sn'),
  payType: plain('pay_type'),
  status: plain('status'),
  tradeNo: plain('trade_no'),
  total: float('order_mount'),
  createdAt: time('created_at'),
  updatedAt: time('updated_at'),
  deletedAt: time('deleted_at'),
  payTime: time('pay_time'),
  payDeadline: time('pay_deadline'),
  address: plain('address'),
  name: plain('signer_name'),
  mobile: plain('singer_mobile'),
  post: plain('post'),
} satisfies Record<keyof SourceOrder, Column>

const LINE = {
  id: plain('id'),
  orderId: plain('order'),
  goods: plain('goods'),
  name: plain('goods_name'),
  image: plain('goods_image'),
  price: float('goods_price'),
  nums: plain('nums'),
} satisfies Record<keyof SourceLine, Column>

const CART_ROW = {
  id: plain('id'),
  user: plain('user'),
  goods: plain('goods'),
  name: plain('goods_name'),
  image: plain('goods_image'),
  price: ['goods_price', (column) => `cast(${column} as char)`],
  nums: plain('nums'),
  checked: ['checked', (column) => `${column} + 0`],
  updatedAt: time('updated_at'),
} satisfies Record<keyof SourceCartRow, Column>

const TABLES = ['order_info', 'order_goods', 'shopping_cart'] as const

/** The order database of the service that is replaced. It is read, and never written. */
export class MysqlSource {
  readonly #connection: Connection
  readonly #orderColumns: string
  readonly #lineColumns: string
  readonly #cartColumns: string

  private constructor(connection: Connection, columns: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#connection = connection
    this.#orderColumns = selected(ORDER, columns.get('order_info'))
    this.#lineColumns = selected(LINE, columns.get('order_goods'))
    this.#cartColumns = selected(CART_ROW, columns.get('shopping_cart'))
  }

  /**
   * Connects, and looks which columns there are: older databases lack some.
   * @throws Error naming what is missing
   */
  static async open(connection: Connection): Promise<MysqlSource> {
    const [rows] = await connection.query<RowDataPacket[]>(
      'select table_name as t, column_name as c from information_schema.columns where table_schema = database() and table_name in (?)',
      [TABLES],
    )
    const columns = new Map<string, Set<string>>(TABLES.map((table) => [table, new Set()]))
    for (const { t, c } of rows) columns.get(String(t).toLowerCase())?.add(String(c).toLowerCase())
    const missing = TABLES.filter((table) => columns.get(table)?.size === 0)
    if (missing.length > 0) {
      throw new Error(
        `the source has no table ${missing.join(', ')}: name its order database, as mysql://user:password@host/joyshop_order`,
      )
    }
    return new MysqlSource(connection, columns)
  }

  async count(): Promise<{ orders: number; cartRows: number }> {
    const [one] = await this.#rows<{ orders: number; cartRows: number }>(
      'select (select count(*) from order_info) as orders, (select count(*) from shopping_cart where deleted_at is null) as cartRows',
    )
    return one ?? { orders: 0, cartRows: 0 }
  }

  async highestIds(): Promise<HighestIds> {
    const highest = (table: string) => `coalesce((select max(id) from ${table} where id <= ${MAX_ID}), 0)`
    const [one] = await this.#rows<HighestIds>(
      `select ${highest('order_info')} as orders, ${highest('order_goods')} as orderLines, ${highest('shopping_cart')} as cartItems`,
    )
    return one ?? { orders: 0, orderLines: 0, cartItems: 0 }
  }

  /** Local time at which the order with the highest id was created; `null` if there is none. */
  async latest(): Promise<string | null> {
    const [one] = await this.#rows<{ latest: string | null }>(
      'select cast(created_at as char) as latest from order_info order by id desc limit 1',
    )
    return one?.latest ?? null
  }

  /** A page of orders behind this id, in the order of their ids; empty at the end. */
  async ordersAfter(id: number | undefined, atMost: number): Promise<SourceOrder[]> {
    const behind = id === undefined ? '' : 'where id > ?'
    return await this.#rows(`select ${this.#orderColumns} from order_info ${behind} order by id limit ${atMost}`, [id])
  }

  /** Lines of the orders from one id to another, those of each order in the order of their ids. */
  async linesOf(firstOrder: number, lastOrder: number): Promise<SourceLine[]> {
    return await this.#rows(
      `select ${this.#lineColumns} from order_goods where \`order\` between ? and ? and deleted_at is null order by \`order\`, id`,
      [firstOrder, lastOrder],
    )
  }

  /** Ids of lines that are left out, whatever their orders are. */
  async linesLeftOut(): Promise<{ deleted: number[]; withoutOrder: number[] }> {
    const ids = async (which: string) =>
      (await this.#rows<{ id: number }>(`select g.id from order_goods g ${which} order by g.id`)).map(({ id }) => id)
    return {
      deleted: await ids('where g.deleted_at is not null'),
      withoutOrder: await ids('left join order_info o on o.id = g.`order` where o.id is null and g.deleted_at is null'),
    }
  }

  async deletedCartRows(): Promise<number[]> {
    return (await this.#rows<{ id: number }>('select id from shopping_cart where deleted_at is not null order by id')).map(
      ({ id }) => id,
    )
  }

  /** Numbers that several orders share. Compared by their bytes: MySQL takes small letters for capitals. */
  async sharedNumbers(): Promise<SharedNumbers> {
    const shared = async (column: string) =>
      await this.#rows<{ number: string; first: number }>(
        `select min(${column}) as number, min(id) as first from order_info where ${column} <> '' group by cast(${column} as binary) having count(*) > 1`,
      )
    const equal = await this.#rows<{ number: string }>(
      "select order_sn as number from order_info where order_sn <> '' group by order_sn having count(*) > 1",
    )
    // Most sources have none: their index says so sooner than a look at the bytes of all.
    const numbers = new Set(equal.length === 0 ? [] : (await shared('order_sn')).map(({ number }) => number))
    const owners = new Map((await shared('trade_no')).map(({ number, first }) => [number, first]))
    return { isNumberShared: (orderSn) => numbers.has(orderSn), ownerOfTradeNo: (tradeNo) => owners.get(tradeNo) }
  }

  /** The carts of all users, one after the other; rows in the order of their ids. */
  async *carts(): AsyncGenerator<SourceCartRow[]> {
    let cart: SourceCartRow[] = []
    for (let after: SourceCartRow | undefined; ; ) {
      const behind = after ? 'and (user > ? or (user = ? and id > ?))' : 'and user is not null'
      const page: SourceCartRow[] = await this.#rows(
        `select ${this.#cartColumns} from shopping_cart where deleted_at is null ${behind} order by user, id limit ${CART_PAGE}`,
        after ? [after.user, after.user, after.id] : [],
      )
      for (const row of page) {
        if (cart[0] && cart[0].user !== row.user) {
          yield cart
          cart = []
        }
        cart.push(row)
      }
      after = page.at(-1)
      if (!after) break
    }
    if (cart.length > 0) yield cart
    const ownerless = await this.#rows<SourceCartRow>(
      `select ${this.#cartColumns} from shopping_cart where deleted_at is null and user is null order by id`,
    )
    if (ownerless.length > 0) yield ownerless
  }

  async #rows<Row>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const [rows] = await this.#connection.query<RowDataPacket[]>(statement, values)
    return rows as Row[]
  }
}

/** The columns by our names for them; `null` for one that this database does not have. */
function selected(columns: Record<string, Column>, there: ReadonlySet<string> = new Set()): string {
  return Object.entries(columns)
    .map(([ours, [name, as]]) => `${there.has(name) ? as(`\`${name}\``) : 'null'} as \`${ours}\``)
    .join(', ')
}
