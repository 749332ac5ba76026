/**
 * The participants' barrier: Sells and Rebacks as one function, so that the ledger row of each order number and the stock
 * change in one transaction of one round trip. It takes as many as are waiting: a hundred callers of one hot goods share one
 * commit, instead of queueing for a hundred.
 *
 * `apply` takes, first, the locks of all order numbers and then all stock rows in goods-id order. From the first lock on
 * nobody else can change what the ledger says of these order numbers, and as everybody takes locks in the same order, no two
 * groups, of one process or of several, can deadlock. Then the calls are gone through as they came. Each sees what those
 * before it did, and one that is refused changes nothing for the others.
 *
 * Lines come merged and in goods-id order. Without an order number ('') there is no ledger row, and nothing is idempotent.
 * That each statement sees what was committed before it began is READ COMMITTED's, which the pool asks for.
 * Refusals are returned, one row for each goods concerned (goods_id 0: the whole order); no row means done.
 */
export const BARRIER = `
-- Call i has the lines firsts[i] to lasts[i]; patience is a lock_timeout.
CREATE OR REPLACE FUNCTION inventory.apply(
  patience text, rebacks boolean[], sns text[], firsts integer[], lasts integer[], ids integer[], nums integer[])
RETURNS TABLE (call integer, reason text, goods_id integer, wanted integer, available bigint) LANGUAGE plpgsql
-- Plans outlive the empty tables that they were made for, where reading all rows was cheapest.
SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  goods integer[];
BEGIN
  PERFORM set_config('lock_timeout', patience, true);
  PERFORM pg_advisory_xact_lock(key)
  FROM (SELECT DISTINCT hashtextextended(sn, 0) AS key FROM unnest(sns) AS sn WHERE sn <> '' ORDER BY key) AS keys;
  goods := ARRAY(SELECT unnest(ids) UNION SELECT unnest(goods_ids) FROM inventory.sales WHERE order_sn = ANY (sns));
  PERFORM FROM inventory.stocks WHERE goods_id = ANY (goods) ORDER BY goods_id FOR UPDATE;

  IF cardinality(sns) > 1 AND inventory.all_can_be_sold(rebacks, sns, ids, nums) THEN
    UPDATE inventory.stocks AS stock SET num = stock.num - line.num
    FROM (SELECT id, sum(num) AS num FROM unnest(ids, nums) AS line (id, num) GROUP BY id) AS line
    WHERE stock.goods_id = line.id;
    INSERT INTO inventory.sales
      SELECT sn, 'SOLD', ids[first:last], nums[first:last] FROM unnest(sns, firsts, lasts) AS sale (sn, first, last) WHERE sn <> '';
    RETURN;
  END IF;

  FOR i IN 1 .. cardinality(sns) LOOP
    IF rebacks[i] THEN
      RETURN QUERY SELECT i, refusal.*
        FROM inventory.apply_reback(sns[i], ids[firsts[i]:lasts[i]], nums[firsts[i]:lasts[i]]) AS refusal;
    ELSE
      RETURN QUERY SELECT i, refusal.*
        FROM inventory.apply_sell(sns[i], ids[firsts[i]:lasts[i]], nums[firsts[i]:lasts[i]]) AS refusal;
    END IF;
  END LOOP;
END $$;

-- Sells of orders never heard of, each once, and stock enough for all: then it does not matter who came first.
CREATE OR REPLACE FUNCTION inventory.all_can_be_sold(rebacks boolean[], sns text[], ids integer[], nums integer[])
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RETURN NOT true = ANY (rebacks)
    AND (SELECT count(sn) = count(DISTINCT sn) FROM unnest(sns) AS sn WHERE sn <> '')
    AND NOT EXISTS (SELECT FROM inventory.sales WHERE order_sn = ANY (sns))
    AND NOT EXISTS (
      SELECT FROM unnest(ids, nums) AS line (id, num) LEFT JOIN inventory.stocks AS stock ON stock.goods_id = line.id
      GROUP BY line.id, stock.num HAVING stock.num IS NULL OR stock.num < sum(line.num));
END $$;

-- One call, below the locks of apply.
CREATE OR REPLACE FUNCTION inventory.apply_sell(sn text, ids integer[], asked integer[])
RETURNS TABLE (reason text, goods_id integer, wanted integer, available bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  sale inventory.sales;
BEGIN
  IF sn <> '' THEN
    SELECT * INTO sale FROM inventory.sales WHERE order_sn = sn;
    IF sale.state = 'RETURNED' THEN
      RETURN QUERY SELECT 'SALE_RETURNED', 0, 0, 0::bigint;
      RETURN;
    ELSIF sale.state = 'SOLD' THEN
      RETURN QUERY SELECT 'SALE_MISMATCH', 0, 0, 0::bigint WHERE (sale.goods_ids, sale.nums) <> (ids, asked);
      RETURN;
    END IF;
  END IF;

  RETURN QUERY
    SELECT CASE WHEN stock.num IS NULL THEN 'STOCK_NOT_FOUND' ELSE 'INSUFFICIENT_STOCK' END, line.id, line.num, stock.num
    FROM unnest(ids, asked) AS line (id, num) LEFT JOIN inventory.stocks AS stock ON stock.goods_id = line.id
    WHERE stock.num IS NULL OR stock.num < line.num
    ORDER BY line.id;
  IF FOUND THEN
    RETURN;
  END IF;

  UPDATE inventory.stocks AS stock SET num = stock.num - line.num
  FROM unnest(ids, asked) AS line (id, num) WHERE stock.goods_id = line.id;
  IF sn <> '' THEN
    INSERT INTO inventory.sales VALUES (sn, 'SOLD', ids, asked);
  END IF;
END $$;

-- One call, below the locks of apply.
CREATE OR REPLACE FUNCTION inventory.apply_reback(sn text, ids integer[], given integer[])
RETURNS TABLE (reason text, goods_id integer, wanted integer, available bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  sale inventory.sales;
BEGIN
  IF sn <> '' THEN
    SELECT * INTO sale FROM inventory.sales WHERE order_sn = sn;
    IF sale.state IS NULL THEN
      INSERT INTO inventory.sales VALUES (sn, 'RETURNED', '{}', '{}');
      RETURN;
    ELSIF ids <> '{}' AND sale.goods_ids <> '{}' AND (sale.goods_ids, sale.nums) <> (ids, given) THEN
      RETURN QUERY SELECT 'SALE_MISMATCH', 0, 0, 0::bigint;
      RETURN;
    ELSIF sale.state = 'RETURNED' THEN
      RETURN;
    END IF;
    -- What goes back is what the ledger says was sold, whatever the caller believes.
    ids := sale.goods_ids;
    given := sale.nums;
  END IF;

  RETURN QUERY
    SELECT 'STOCK_NOT_FOUND', line.id, 0, 0::bigint FROM unnest(ids) AS line (id)
    WHERE NOT EXISTS (SELECT FROM inventory.stocks AS stock WHERE stock.goods_id = line.id)
    ORDER BY line.id;
  IF FOUND THEN
    RETURN;
  END IF;
  UPDATE inventory.stocks AS stock SET num = stock.num + line.num
  FROM unnest(ids, given) AS line (id, num) WHERE stock.goods_id = line.id;
  IF sn <> '' THEN
    UPDATE inventory.sales SET state = 'RETURNED' WHERE order_sn = sn;
  END IF;
END $$;
`
