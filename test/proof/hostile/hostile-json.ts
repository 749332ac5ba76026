/** JSON as text, not as values: much of what is hostile in JSON is nothing that JavaScript could write. */
type Json = string

const TEXT_NUMBERS: Json[] = ['"1"', '"1 OR 1=1"', '"-1"', '""', '"0x1"']
const NO_NUMBERS: Json[] = ['null', 'true', '{}', '[]', '[1]', '{"valueOf":1}', '{"$gt":0}']
/** Nowhere an id, nor a quantity. */
const NEITHER: Json[] = [
  ...TEXT_NUMBERS,
  ...NO_NUMBERS,
  '-1',
  '0',
  '-0',
  '1.5',
  '-2147483649',
  '1e400',
  '-1e400',
  '9007199254740993',
]

const BAD_IDS: Json[] = [...NEITHER, '2147483648', '4294967297']
const BAD_QUANTITIES: Json[] = [...NEITHER, '10000', '2147483647']
const BAD_TEXTS: Json[] = [
  ...['1', 'true', '[]', '{}', '["a"]', '{"toString":"a"}', '"a\\u001b[2Jb"', '"\\u0085"'],
  ...['"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"'],
  `"${'x'.repeat(501)}"`,
  `"${'\\ud83d\\ude00'.repeat(501)}"`,
]
/** Values that are blank as a text which is required, and which a person has to be able to read. */
const BLANK_TEXTS: Json[] = [
  ...[
    'null',
    '""',
    '" \\t\\n "',
    '"\\u200b"',
    '"\\u2060\\ufeff"',
    '"\\u3164"',
    '"\\u2800 "',
    '"a\\nb"',
    '"a\\u2028b"',
    '"a\\tb"',
  ],
]
const BAD_KEYS: Json[] = [
  '"  "',
  '1',
  '[]',
  '{}',
  '""',
  '"\\n"',
  '"\\u0000"',
  '"\\u00e9"',
  '"\\ud83d\\ude00"',
  `"${'k'.repeat(129)}"`,
]

const line = (goodsId: Json, num: Json) => `{"goodsId":${goodsId},"num":${num}}`
const list = (of: Json[]) => `[${of.join()}]`
const BAD_LINES: Json[] = [
  ...['1', '"[]"', '{}', '[]', '[null]', '[[]]', '[{}]', '["1"]', '{"length":1,"0":{"goodsId":1,"num":1}}'],
  ...BAD_IDS.map((id) => list([line(id, '1')])),
  ...BAD_QUANTITIES.map((num) => list([line('1', num)])),
  list([line('1', '1'), line('2', '-1')]),
  list([line('1', '9000'), line('1', '9000')]),
  list(Array.from({ length: 1_001 }, (_, i) => line(`${i + 1}`, '1'))),
  '[{"goodsId":1,"num":1,"price":0}]',
  '[{"goodsId":1,"num":1,"__proto__":{"num":-1}}]',
]

const BAD_TOTALS: Json[] = [
  ...['1', '"5400 CNY"', '[]', '{}', '[{"amount":1,"currency":"CNY"}]', '{"amount":1}', '{"currency":"CNY"}'],
  ...[...NO_NUMBERS, ...TEXT_NUMBERS, '-1', '1.5', '1e400', '9007199254740993'].map((n) => `{"amount":${n},"currency":"CNY"}`),
  ...['"cny"', '"CN\\u0000"', '"CNYY"', '1', 'null', '["CNY"]', '""'].map((code) => `{"amount":1,"currency":${code}}`),
  '{"amount":1,"currency":"CNY","__proto__":{"amount":2}}',
  '{"amount":1,"amount":2,"currency":"CNY"}',
]

/** Names that no request has, some of which every JavaScript object has. */
const UNKNOWN_FIELDS = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', ' userId', 'USERID', 'lines[0]', '$where'],
  ...['orderSn', 'status', 'total', 'price', 'stockState', 'payDeadline', "'; DROP TABLE orders; --", '\u0000', '\ud800'],
]

/**
 * Values that make a request invalid, by the field that holds them, whatever the rest. `post` is the only text that may be
 * blank.
 */
const BAD_FIELDS: Record<string, Json[]> = {
  userId: BAD_IDS,
  address: [...BAD_TEXTS, ...BLANK_TEXTS],
  name: [...BAD_TEXTS, ...BLANK_TEXTS],
  mobile: [...BAD_TEXTS, ...BLANK_TEXTS],
  post: BAD_TEXTS,
  requestId: BAD_KEYS,
  lines: BAD_LINES,
  expectedTotal: BAD_TOTALS,
}

/** Texts that look dangerous and are none of our business: an address may be called so. Valid, and kept as they are. */
export const ODD_TEXTS = [
  "Robert'); DROP TABLE orders; --",
  "' OR '1'='1",
  '$1, :name, {{7*7}}, %s%n',
  '__proto__',
  '<script>alert(1)</script>',
  '=HYPERLINK("x")',
  '../../etc/passwd',
  '\u202etxt.exe',
  'Zalgo h\u0335e\u0321',
  '\ud83d\udc69\u200d\ud83d\udc67',
  '\ufeffmark',
  'null',
]

/** Names and texts of orders that are not valid, each for one reason alone. @param good a valid order */
export function badOrders(good: Record<string, unknown>): [why: string, order: Json][] {
  const fields = Object.fromEntries(Object.entries(good).map(([name, value]) => [name, JSON.stringify(value)]))
  const withField = (name: string, value: Json) => {
    const others = Object.entries(fields).filter(([other]) => other !== name)
    return `{${[...others, [name, value]].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join()}}`
  }
  return [
    ...Object.entries(BAD_FIELDS).flatMap(([name, values]) =>
      values.map((value): [string, Json] => [`${name} ${value.slice(0, 60)}`, withField(name, value)]),
    ),
    ...UNKNOWN_FIELDS.map((name): [string, Json] => [`a field ${JSON.stringify(name)}`, withField(name, '{"userId":1}')]),
    ...Object.entries(fields).map(([name, value]): [string, Json] => [
      `${name} twice`,
      `{${[...Object.entries(fields), [name, value]].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join()}}`,
    ]),
    ['a line with two numbers', withField('lines', '[{"goodsId":1,"num":1,"n\\u0075m":2}]')],
    ...['userId', 'address', 'name', 'mobile'].map((name): [string, Json] => {
      const { [name]: _, ...rest } = good
      return [`no ${name}`, JSON.stringify(rest)]
    }),
  ]
}

/** Bodies that `PUT /users/{id}/cart/items/{goodsId}` has to refuse. */
export const BAD_CART_ITEMS: Json[] = [
  ...BAD_QUANTITIES.map((num) => `{"num":${num}}`),
  ...[
    '{}',
    '[]',
    'null',
    '1',
    '"num"',
    '{"checked":true}',
    '{"num":1,"checked":1}',
    '{"num":1,"num":2}',
    '{"num":1,"checked":true,"checked":false}',
  ],
  ...['{"num":1,"goodsId":2}', '{"num":1,"userId":2}', '{"num":1,"__proto__":{}}', '{"num":1,"price":0}'],
]

/** Bodies that `POST /users/{id}/cart/items` has to refuse. */
export const BAD_ADDITIONS: Json[] = [
  ...BAD_QUANTITIES.map((num) => line('1', num)),
  ...BAD_IDS.map((id) => line(id, '1')),
  ...['{}', '[]', 'null', '1', '"num"', '{"num":1}', '{"goodsId":1}', `[${line('1', '1')}]`],
  ...['{"goodsId":1,"num":1,"num":2}', '{"goodsId":1,"num":1,"checked":true}', '{"goodsId":1,"num":1,"price":{"amount":1}}'],
  ...['{"goodsId":1,"num":1,"__proto__":{}}', '{"goodsId":1,"num":1,"userId":2}'],
]

/** Bodies that `PATCH /users/{id}/cart/items/{goodsId}` has to refuse. */
export const BAD_ITEM_CHANGES: Json[] = [
  ...BAD_QUANTITIES.map((num) => `{"num":${num}}`),
  ...['{}', '[]', 'null', '1', '"num"', '{"num":null,"checked":null}', '{"checked":1}', '{"checked":"true"}'],
  ...['{"num":1,"num":2}', '{"num":1,"goodsId":2}', '{"num":1,"__proto__":{}}', '{"price":{"amount":1}}'],
]
