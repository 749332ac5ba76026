import { type Connection, createConnection } from 'mysql2/promise'
import { mariadbDatabase } from '../support/mariadb.ts'

const BASE = `
  id int not null auto_increment primary key,
  created_at datetime(3) null,
  updated_at datetime(3) null,
  deleted_at datetime(3) null,
  is_deleted tinyint(1) null`

/** The order database of the original, as its object mapper makes it (docs/import.md). */
export const ORDER_SCHEMA = [
  `create table order_info (${BASE},
    \`user\` int, order_sn varchar(30), pay_type varchar(20), status varchar(20), trade_no varchar(100), order_mount float,
    pay_time datetime(3) null, pay_deadline datetime(3) null,
    address varchar(100), signer_name varchar(20), singer_mobile varchar(11), post varchar(20),
    index (\`user\`), index (order_sn), index (deleted_at))`,
  `create table order_goods (${BASE},
    \`order\` int, goods int, goods_name varchar(100), goods_image varchar(200), goods_price float, nums int,
    index (\`order\`), index (goods), index (goods_name), index (deleted_at))`,
  `create table shopping_cart (${BASE},
    \`user\` int not null, goods int not null, goods_name varchar(100), goods_image varchar(200), goods_price decimal(10,2), nums int not null,
    checked tinyint(1) default 1,
    index (\`user\`), index (goods), index (deleted_at))`,
]

/** The table of its inventory. */
export const INVENTORY_SCHEMA = `create table inventory (${BASE},
  goods_id int not null, stock int not null default 0, version int not null default 0, index (goods_id))`

type Row = Record<string, unknown>

/** A database of the original's that a test fills as it likes. */
export class Joyshop {
  readonly url: string
  readonly connection: Connection

  private constructor(url: string, connection: Connection) {
    this.url = url
    this.connection = connection
  }

  static async open(schema: readonly string[] = [...ORDER_SCHEMA, INVENTORY_SCHEMA]): Promise<Joyshop> {
    const url = await mariadbDatabase()
    const { username, password, port, pathname } = new URL(url)
    const connection = await createConnection({
      host: '127.0.0.1',
      ...{ port: Number(port), user: username, password, database: pathname.slice(1), charset: 'utf8mb4' },
    })
    // As lax as the oddities ask for.
    await connection.query("set session sql_mode = ''")
    for (const statement of schema) await connection.query(statement)
    return new Joyshop(url, connection)
  }

  /** Adds an order that is as the original writes it, but for what is given. */
  async order(given: Row = {}, lines: Row[] = [{}]): Promise<void> {
    const times = { created_at: '2026-11-01 10:00:00.000', updated_at: '2026-11-01 10:05:00.000' }
    const order = {
      ...{
        id: 1,
        user: 7,
        order_sn: `2026110110000000070000${given.id ?? 1}`,
        pay_type: 'alipay',
        status: 'PAYING',
        trade_no: '',
        order_mount: 19.99,
      },
      ...{
        pay_time: null,
        pay_deadline: '2026-11-01 10:30:00.000',
        address: '1 Harbour Road',
        signer_name: 'A. Buyer',
        singer_mobile: '13800000000',
        post: '',
      },
      ...times,
      ...given,
    }
    await this.insert('order_info', order)
    for (const [i, line] of lines.entries()) {
      const id = Number(order.id) * 10 + i
      const usual = {
        id,
        order: order.id,
        goods: 421,
        goods_name: 'Tea',
        goods_image: 'https://shop.example/tea.png',
        goods_price: 19.99,
        nums: 1,
      }
      await this.insert('order_goods', { ...usual, ...times, ...line })
    }
  }

  async cartRow(given: Row = {}): Promise<void> {
    const usual = {
      id: 1,
      user: 7,
      goods: 421,
      goods_name: 'Tea',
      goods_image: 'https://shop.example/tea.png',
      goods_price: '19.99',
      nums: 2,
      checked: 1,
    }
    await this.insert('shopping_cart', {
      ...usual,
      created_at: '2026-11-01 10:00:00',
      updated_at: '2026-11-01 10:00:00',
      ...given,
    })
  }

  async insert(table: string, row: Row): Promise<void> {
    await this.connection.query(`insert into \`${table}\` set ?`, [row])
  }

  async close(): Promise<void> {
    await this.connection.end()
  }
}
