import type { Connection } from 'mysql2/promise'

const BASE = `
  id int not null auto_increment primary key,
  created_at datetime(3) null,
  updated_at datetime(3) null,
  deleted_at datetime(3) null,
  is_deleted tinyint(1) null`

/** Statements that make the order database of the original, as its object mapper makes it. */
export const ORDER_TABLES = [
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

/** Statement that makes the table of its inventory. */
export const INVENTORY_TABLE = `create table inventory (${BASE},
  goods_id int not null, stock int not null default 0, version int not null default 0, index (goods_id))`

/** Fills the order database: orders of three goods each, of all statuses, every tenth user with a cart of two goods. */
export async function fillOriginal(connection: Connection, orders: number): Promise<void> {
  const seq = `seq_1_to_${orders}`
  await connection.query(`
    insert into order_info (id, created_at, updated_at, \`user\`, order_sn, pay_type, status, trade_no, order_mount, pay_time, pay_deadline, address,
      signer_name, singer_mobile, post)
    select seq, '2026-01-01' + interval seq second, '2026-01-01' + interval seq + 60 second, 1 + seq % 50000,
      concat('20260101000000', lpad(seq, 12, '0')), if(seq % 3 = 0, 'wechat', 'alipay'),
      elt(1 + seq % 10, 'PAYING', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_FINISHED', 'TRADE_FINISHED', 'TRADE_FINISHED', 'TRADE_CLOSED', 'TRADE_FINISHED',
        'TRADE_FINISHED', 'TRADE_SUCCESS'),
      if(seq % 10 in (0, 6), '', concat('T', seq)), 59.97, if(seq % 10 in (0, 6), null, '2026-01-01' + interval seq + 30 second),
      if(seq % 7 = 0, null, '2026-01-01' + interval seq + 1800 second), '1 Harbour Road', 'A. Buyer', '13800000000', ''
    from ${seq}`)
  await connection.query(`
    insert into order_goods (id, created_at, updated_at, \`order\`, goods, goods_name, goods_image, goods_price, nums)
    select (seq - 1) * 3 + n, '2026-01-01', '2026-01-01', seq, 1 + (seq * 7 + n * 1009) % 3500, 'Tea', 'https://shop.example/tea.png', 19.99, 1
    from ${seq} join (select 1 as n union select 2 union select 3) three`)
  await connection.query(`
    insert into shopping_cart (created_at, updated_at, \`user\`, goods, goods_name, goods_image, goods_price, nums, checked)
    select '2026-01-01', '2026-01-01', 1 + seq * 10 % 50000, 1 + (seq * 7 + n) % 3500, 'Tea', 'https://shop.example/tea.png', 19.99, 1, n - 1
    from seq_1_to_${Math.max(1, Math.min(5_000, Math.round(orders / 100)))} join (select 1 as n union select 2) two`)
}
