import { type Connection, createConnection } from 'mysql2/promise'
import { INVENTORY_TABLE, ORDER_TABLES } from '../../bench/import/original-tables.ts'
import { mariadbDatabase } from '../support/mariadb.ts'

type Row = Record<string, unknown>

/** A database of the original's that a test fills as it likes. */
export class Joyshop {
  readonly url: string
  readonly connection: Connection

  private constructor(url: string, connection: Connection) {
    this.url = url
    this.connection = connection
  }

  static async open(schema: readonly string[] = [...ORDER_TABLES, INVENTORY_TABLE]): Promise<Joyshop> {
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
