import { BARRIER } from './barrier.ts'

/** Goods 1 to 200 have stock at the first start, but for these five 10,000 pieces each. */
const GOODS_COUNT = 200
const PIECES = 10_000
/** Goods 191 to 195 are (nearly) sold out at the first start: 0, 1, 2, 3 and 4 pieces. */
const FIRST_SCARCE = 191
const LAST_SCARCE = 195

/**
 * Everything of the inventory in its database, in a schema of its own so that it can live beside other tables. Run at every
 * start as one statement list, which PostgreSQL takes as one transaction: tables and first stock once, functions always.
 */
export const SCHEMA = `
-- Two that start at once would both find no table.
SELECT pg_advisory_xact_lock(hashtextextended('inventory schema', 0));
CREATE SCHEMA IF NOT EXISTS inventory;
DO $tables$ BEGIN
  IF to_regclass('inventory.stocks') IS NOT NULL THEN
    RETURN;
  END IF;
  CREATE TABLE inventory.stocks (
    goods_id integer PRIMARY KEY,
    -- Wider than the wire's int32: giving stock back must never fail for want of room.
    num      bigint NOT NULL CHECK (num >= 0)
  );
  -- One row per order number: what was sold, and whether it was given back. RETURNED without lines is a tombstone.
  CREATE TABLE inventory.sales (
    -- Listed in the order of its bytes, whatever the server's locale.
    order_sn  text COLLATE "C" PRIMARY KEY,
    state     text NOT NULL CHECK (state IN ('SOLD', 'RETURNED')),
    -- Merged and in goods-id order: equal sales have equal arrays.
    goods_ids integer[] NOT NULL,
    nums      integer[] NOT NULL,
    CHECK (cardinality(goods_ids) = cardinality(nums))
  );
  INSERT INTO inventory.stocks
    SELECT id, CASE WHEN id BETWEEN ${FIRST_SCARCE} AND ${LAST_SCARCE} THEN id - ${FIRST_SCARCE} ELSE ${PIECES} END
    FROM generate_series(1, ${GOODS_COUNT}) AS id;
END $tables$;
-- A ledger of before ListSales.
DO $collation$ BEGIN
  IF EXISTS (
    SELECT FROM pg_attribute AS a JOIN pg_collation AS c ON c.oid = a.attcollation
    WHERE a.attrelid = 'inventory.sales'::regclass AND a.attname = 'order_sn' AND c.collname <> 'C') THEN
    ALTER TABLE inventory.sales ALTER COLUMN order_sn TYPE text COLLATE "C";
  END IF;
END $collation$;
${BARRIER}`
