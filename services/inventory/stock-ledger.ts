import { status } from '@grpc/grpc-js'
import pg from 'pg'
import type { Logger } from 'pino'
import { whenThere } from '../../clients/when-there.ts'
import { StatusError } from '../../rpc/server/status-error.ts'
import { CallGroups, WaitedTooLong } from './call-groups.ts'
import { SCHEMA } from './schema.ts'

/** Parallel arrays, merged and in goods-id order: as PostgreSQL takes them. */
export interface SaleLines {
  goodsIds: number[]
  nums: number[]
}

/** Reasons for which nothing was done; one for each goods concerned, or one with goodsId 0 for the whole order. */
export interface LedgerRefusal {
  reason: 'SALE_RETURNED' | 'SALE_MISMATCH' | 'STOCK_NOT_FOUND' | 'INSUFFICIENT_STOCK'
  goodsId: number
  asked: number
  left: number
}

export interface Sale extends SaleLines {
  state: 'SOLD' | 'RETURNED'
}

interface Change extends SaleLines {
  reback: boolean
  orderSn: string
}

/** One row of `inventory.apply`; `call` counts from 1. */
interface RefusalRow {
  call: number
  reason: LedgerRefusal['reason']
  goods_id: number
  wanted: number
  available: string | null
}

/** Connections: a few times the cores of a small database server; more would only queue there instead of here. */
const POOL_SIZE = 16
/** Callers give a Sell 3 s (docs/origin.md). A transaction that takes longer is given up before that, so that no caller waits for nothing. */
const CONNECT_TIMEOUT_MS = 2_000
const STATEMENT_TIMEOUT_MS = 2_500
/** Cuts off a server that does not even answer that it timed out; above the server's own limit, which frees its locks. */
const ANSWER_TIMEOUT_MS = 2_800

/** A group is one transaction of some 10 ms at most: 100 calls that each meet another outcome take that, and 1,000 lines (two busy cores). */
const GROUPS = { calls: 100, weight: 1_000, wait: CONNECT_TIMEOUT_MS }
/**
 * Time for which a group waits for a row that somebody holds, as PostgreSQL's lock_timeout: far above what another group needs to
 * commit, and with what a single call may take afterwards below the 3 s of the callers.
 */
const GROUP_PATIENCE = '400ms'
/** A lock_timeout that never ends: the statement's own time-out comes first. */
const ENDLESS_PATIENCE = '0'

/** PostgreSQL rolled the statement back and asks for it again: deadlock_detected, serialization_failure. */
const REPEATABLE = new Set(['40P01', '40001'])
const MAX_ATTEMPTS = 5
/**
 * SQLSTATE classes and codes of a statement that is wrong or asks for what can't be, whoever repeats it. Any other answer of a server
 * means that it can't serve now: away, full, read-only, another password, no such database or table, or of a pooler's own making.
 */
const WRONG = /^(0A|2[1-4]|42(?!501|P01|703|704|883|P05)|44|54|P0)/
/**
 * SQLSTATE classes of a server that can't serve yet: out of reach, starting, stopping, full, a standby. The driver's own errors have no SQLSTATE and say the
 * same; another password or no such database is for somebody to mend.
 */
const AWAY = /^(08|25|40|53|55|57|58)/
const SQLSTATE = /^[0-9A-Z]{5}$/
/** lock_not_available: the patience of a group is over, whose calls go on one by one. */
const HELD_UP = '55P03'

/**
 * The stock and the ledger of sales, in PostgreSQL. Every call is one round trip, of Sells and Rebacks that wait at the same
 * time all together; if PostgreSQL is out of reach: UNAVAILABLE.
 */
export class StockLedger {
  readonly #pool: pg.Pool
  readonly #log: Logger
  readonly #groups = new CallGroups<Change, LedgerRefusal[]>(
    GROUPS,
    ({ goodsIds }) => goodsIds.length,
    (changes) => this.#applyGroup(changes),
  )

  private constructor(pool: pg.Pool, log: Logger) {
    this.#pool = pool
    this.#log = log
  }

  /**
   * Connects, makes the tables and the first stock if they are missing. Waits for a PostgreSQL that is away.
   * @param signal ends the wait @default nothing does
   * @throws Error naming INVENTORY_DATABASE_URL if that can't be used; AbortError if the signal ended the wait
   */
  static async open(databaseUrl: string, log: Logger, signal = new AbortController().signal): Promise<StockLedger> {
    const pool = new pg.Pool({
      connectionString: databaseUrl,
      application_name: 'inventory',
      options: '-c default_transaction_isolation=read\\ committed',
      max: POOL_SIZE,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
    })
    // An idle connection that breaks is no call's failure; without a listener it would end the process.
    pool.on('error', (err) => log.warn({ err }, 'an idle connection to PostgreSQL broke'))
    const prepared = whenThere(() => pool.query(SCHEMA).catch(withReason), {
      signal,
      isAway: ({ code }) => !SQLSTATE.test(String(code)) || AWAY.test(String(code)),
      onWait: (reason) => log.warn({ reason }, 'waiting for PostgreSQL: start it, or mend INVENTORY_DATABASE_URL'),
    })
    try {
      await prepared
    } catch (error) {
      await pool.end()
      if (signal.aborted) throw error
      throw new Error(`inventory cannot use its database: ${(error as Error).message}. Mend it, or INVENTORY_DATABASE_URL`)
    }
    return new StockLedger(pool, log)
  }

  /** All lines or none. @returns no refusal if it is done, now or by an earlier Sell of this order number */
  sell(orderSn: string, lines: SaleLines): Promise<LedgerRefusal[]> {
    return this.#apply({ reback: false, orderSn, ...lines })
  }

  /** Gives back, once, what is sold by the ledger. @returns no refusal if it is done, now or before */
  reback(orderSn: string, lines: SaleLines): Promise<LedgerRefusal[]> {
    return this.#apply({ reback: true, orderSn, ...lines })
  }

  async saleOf(orderSn: string): Promise<Sale | undefined> {
    const text = 'SELECT state, goods_ids AS "goodsIds", nums FROM inventory.sales WHERE order_sn = $1'
    const [sale] = await this.#ask<Sale>('sale', text, [orderSn])
    return sale
  }

  /** A page of the ledger: the sales behind `after`, in the order of the bytes of their numbers. */
  async salesAfter(after: string, limit: number): Promise<(Sale & { orderSn: string })[]> {
    const text =
      'SELECT order_sn AS "orderSn", state, goods_ids AS "goodsIds", nums FROM inventory.sales WHERE order_sn > $1 ORDER BY order_sn LIMIT $2'
    return await this.#ask('sales', text, [after, limit])
  }

  async stockOf(goodsId: number): Promise<number | undefined> {
    const [row] = await this.#ask<{ num: string }>('stock', 'SELECT num FROM inventory.stocks WHERE goods_id = $1', [goodsId])
    return row && Number(row.num)
  }

  async setStock(goodsId: number, num: number): Promise<void> {
    const text = 'INSERT INTO inventory.stocks VALUES ($1, $2) ON CONFLICT (goods_id) DO UPDATE SET num = excluded.num'
    await this.#ask('set-stock', text, [goodsId, num])
  }

  close(): Promise<void> {
    return this.#pool.end()
  }

  async #apply(change: Change): Promise<LedgerRefusal[]> {
    try {
      return await this.#groups.add(change)
    } catch (error) {
      if (!(error instanceof WaitedTooLong)) throw error
      throw new StatusError(status.UNAVAILABLE, 'the inventory is overloaded and nothing was changed: try again')
    }
  }

  /** @returns the refusals of each */
  async #applyGroup(changes: Change[]): Promise<(LedgerRefusal[] | Promise<LedgerRefusal[]>)[]> {
    try {
      return await this.#applyAtOnce(changes, GROUP_PATIENCE)
    } catch (error) {
      if (error instanceof StatusError) throw error
      // All was rolled back: a row that one of them needs is held by somebody, or one is what nobody foresaw. From here on each
      // is on its own, so that the others do not fail or wait with it.
      this.#log.warn({ err: error, changes: changes.length }, 'a group of Sells and Rebacks is applied one by one')
      return changes.map(async (change) => (await this.#applyAtOnce([change], ENDLESS_PATIENCE))[0] ?? [])
    }
  }

  /** One transaction: all are decided, or none. @returns the refusals of each */
  async #applyAtOnce(changes: Change[], patience: string): Promise<LedgerRefusal[][]> {
    const text = 'SELECT * FROM inventory.apply($1, $2, $3, $4, $5, $6, $7)'
    const rows = await this.#ask<RefusalRow>('apply', text, [patience, ...valuesOf(changes)])
    const refusals = changes.map((): LedgerRefusal[] => [])
    for (const { call, reason, goods_id, wanted, available } of rows) {
      refusals[call - 1]?.push({ reason, goodsId: goods_id, asked: wanted, left: Number(available) })
    }
    return refusals
  }

  /** @param name of the statement, which PostgreSQL then parses once per connection */
  async #ask<Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { rows } = await this.#pool.query<Row>({ name, text, values })
        return rows
      } catch (error) {
        const sqlState = error instanceof pg.DatabaseError ? error.code : undefined
        if (sqlState && REPEATABLE.has(sqlState)) {
          if (attempt < MAX_ATTEMPTS) continue
          throw new StatusError(status.ABORTED, 'the inventory is contended and nothing was changed: try again')
        }
        // What is no answer of the server is a broken, refused or timed out connection.
        if (sqlState && (sqlState === HELD_UP || WRONG.test(sqlState))) throw error
        this.#log.warn({ err: error }, 'PostgreSQL did not serve a call')
        throw new StatusError(status.UNAVAILABLE, 'the database of the inventory does not serve: try again')
      }
    }
  }
}

/** The arguments of `inventory.apply`: the lines of all changes one behind the other, and which are whose, counted from 1. */
function valuesOf(changes: readonly Change[]): unknown[] {
  const firsts: number[] = []
  const lasts: number[] = []
  let lines = 0
  for (const { goodsIds } of changes) {
    firsts.push(lines + 1)
    lines += goodsIds.length
    lasts.push(lines)
  }
  return [
    changes.map(({ reback }) => reback),
    changes.map(({ orderSn }) => orderSn),
    firsts,
    lasts,
    changes.flatMap(({ goodsIds }) => goodsIds),
    changes.flatMap(({ nums }) => nums),
  ]
}

/** An error of several addresses has a code and no message. */
function withReason({ message, code }: Error & { code?: string }): never {
  throw Object.assign(new Error(message || code), { code })
}
