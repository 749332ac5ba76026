import pg from 'pg'

/** Outcome of a Use. */
export type Used = 'used' | 'refused' | 'returned before'

/** Coupons in PostgreSQL, with the participants' barrier (docs/adr/0002): one row per order number, in the transaction of its effect. */
export class CouponLedger {
  readonly #pool: pg.Pool

  private constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /** @param coupons how often each may be used */
  static async open(databaseUrl: string, coupons: Record<string, number>): Promise<CouponLedger> {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 })
    await pool.query(`
      create table if not exists coupons (coupon text primary key, uses_left integer not null check (uses_left >= 0));
      create table if not exists coupon_uses (
        order_sn text primary key, coupon text, user_id integer, state text not null check (state in ('USED', 'RETURNED')))`)
    for (const [coupon, uses] of Object.entries(coupons)) {
      await pool.query('insert into coupons values ($1, $2) on conflict do nothing', [coupon, uses])
    }
    return new CouponLedger(pool)
  }

  /** Twice is once; refused if there is none (left), and once it was returned. */
  async use(orderSn: string, coupon: string, userId: number): Promise<Used> {
    return await this.#atOnce(async (connection) => {
      const mine = "insert into coupon_uses values ($1, $2, $3, 'USED') on conflict do nothing"
      const inserted = await connection.query(mine, [orderSn, coupon, userId])
      if (inserted.rowCount === 0) {
        const { rows } = await connection.query('select state from coupon_uses where order_sn = $1', [orderSn])
        return rows[0].state === 'USED' ? 'used' : 'returned before'
      }
      const taken = await connection.query('update coupons set uses_left = uses_left - 1 where coupon = $1 and uses_left > 0', [
        coupon,
      ])
      if (taken.rowCount === 1) return 'used'
      await connection.query('delete from coupon_uses where order_sn = $1', [orderSn])
      return 'refused'
    })
  }

  /** Twice is once; without a Use it leaves a tombstone. */
  async giveBack(orderSn: string): Promise<void> {
    await this.#atOnce(async (connection) => {
      await connection.query("insert into coupon_uses values ($1, null, null, 'RETURNED') on conflict do nothing", [orderSn])
      const mine = "update coupon_uses set state = 'RETURNED' where order_sn = $1 and state = 'USED' returning coupon"
      const { rows } = await connection.query(mine, [orderSn])
      for (const { coupon } of rows) {
        await connection.query('update coupons set uses_left = uses_left + 1 where coupon = $1', [coupon])
      }
    })
  }

  async usesLeft(coupon: string): Promise<number | undefined> {
    const { rows } = await this.#pool.query('select uses_left from coupons where coupon = $1', [coupon])
    return rows[0]?.uses_left
  }

  /** `USED`, `RETURNED`, or nothing of this order was ever heard. */
  async stateOf(orderSn: string): Promise<string | undefined> {
    const { rows } = await this.#pool.query('select state from coupon_uses where order_sn = $1', [orderSn])
    return rows[0]?.state
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  async #atOnce<T>(story: (connection: pg.PoolClient) => Promise<T>): Promise<T> {
    const connection = await this.#pool.connect()
    try {
      await connection.query('begin')
      const result = await story(connection)
      await connection.query('commit')
      return result
    } catch (error) {
      await connection.query('rollback')
      throw error
    } finally {
      connection.release()
    }
  }
}
