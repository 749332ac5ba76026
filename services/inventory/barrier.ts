/**
 * The participants' barrier: Sell and Reback as one function each, so that the ledger row of an order number and the stock
 * change in one transaction of one round trip.
 *
 * Both take, first, the lock of the order number and then the stock rows in goods-id order. From the first lock on nobody
 * else can change what the ledger says of this order number, and as everybody takes locks in the same order, none can
 * deadlock.
 *
 * Lines come merged and in goods-id order. Without an order number ('') there is no ledger row, and nothing is idempotent.
 * That each statement sees what was committed before it began is READ COMMITTED's, which the pool asks for.
 * Both return the refusal, one row for each goods concerned (goods_id 0: the whole order); no row means done.
 */
export const BARRIER = `
CREATE OR REPLACE FUNCTION inventory.sell(sn text, ids integer[], asked integer[])
RETURNS TABLE (reason text, goods_id integer, wanted integer, available bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  sale inventory.sales;
BEGIN
  IF sn <> '' THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(sn, 0));
    SELECT * INTO sale FROM inventory.sales WHERE order_sn = sn;
    IF sale.state = 'RETURNED' THEN
      RETURN QUERY SELECT 'SALE_RETURNED', 0, 0, 0::bigint;
      RETURN;
    ELSIF sale.state = 'SOLD' THEN
      RETURN QUERY SELECT 'SALE_MISMATCH', 0, 0, 0::bigint WHERE (sale.goods_ids, sale.nums) <> (ids, asked);
      RETURN;
    END IF;
  END IF;

  PERFORM FROM inventory.stocks WHERE goods_id = ANY (ids) ORDER BY goods_id FOR UPDATE;
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

CREATE OR REPLACE FUNCTION inventory.reback(sn text, ids integer[], given integer[])
RETURNS TABLE (reason text, goods_id integer, wanted integer, available bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  sale inventory.sales;
BEGIN
  IF sn <> '' THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(sn, 0));
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

  PERFORM FROM inventory.stocks WHERE goods_id = ANY (ids) ORDER BY goods_id FOR UPDATE;
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
