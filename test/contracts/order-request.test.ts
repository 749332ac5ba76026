import assert from 'node:assert/strict'
import { failureIn } from '../../contracts/application-failure.ts'
import type { FieldProblem } from '../../contracts/failures.ts'
import { parseOrderRequest } from '../../contracts/order-request.ts'

const LEAST = { userId: 7, address: '1 Test Street', name: 'Somebody', mobile: '0100' }
const LINE = { goodsId: 1, num: 1 }
const CNY = { amount: 5_400, currency: 'CNY' }
const AMOUNTS = [-1, 1.5, '5400', null, undefined, 2 ** 53, Number.NaN].map((amount) => ({ ...CNY, amount }))
const CURRENCIES = ['', 'cny', 'CN', 'CNYX', '元', 7, null, undefined].map((currency) => ({ ...CNY, currency }))

describe('an order request', () => {
  it('is taken with the least there has to be, and named by the fallback', () => {
    assert.deepEqual(parseOrderRequest(LEAST, 'run-1'), { ...LEAST, requestId: 'run-1' })
  })

  it('is taken with all there can be, equal goods merged in goods-id order', () => {
    const lines = [
      { goodsId: 9, num: 1 },
      { goodsId: 2, num: 3 },
      { goodsId: 9, num: 4 },
    ]
    assert.deepEqual(parseOrderRequest({ ...LEAST, post: 'ring twice', requestId: 'mine', lines }, 'run-1'), {
      ...LEAST,
      post: 'ring twice',
      requestId: 'mine',
      lines: [
        { goodsId: 2, num: 3 },
        { goodsId: 9, num: 5 },
      ],
    })
  })

  describe('has limits, and names the field that breaks one:', () => {
    // '𝄞' is one character, and two code units.
    const limits: [field: string, good: unknown[], bad: unknown[]][] = [
      ['userId', [1, 2_147_483_647], [0, -1, 1.5, 2_147_483_648, '7', null, Number.NaN, undefined]],
      [
        'address',
        ['x', '𝄞'.repeat(500)],
        ['', ' \t', 'x'.repeat(501), 7, null, undefined, 'a\0b', 'lone \ud800', '\udc00 lone', 'a\nb'],
      ],
      ['name', ['x', '𝄞'.repeat(100)], ['', '  ', 'x'.repeat(101), 7, null, undefined, 'a\0b', 'lone \ud800']],
      ['mobile', ['x', '+86 10 1234', '0'.repeat(32)], ['', ' ', '0'.repeat(33), 10, null, undefined, '\0', '\udc00']],
      [
        'post',
        ['', ' ', '\u200b', 'a\n\tb\r\n', undefined, null, '𝄞'.repeat(500)],
        ['x'.repeat(501), 7, 'a\0b', 'lone \ud800', 'a\x1b[1m'],
      ],
      [
        'requestId',
        [undefined, null, ' a', '~', 'x'.repeat(128)],
        ['', ' ', '   ', 'x'.repeat(129), 'ü', 'a\nb', 'a\n', '\x7f', 7],
      ],
      ['lines', [undefined, null, [LINE], distinct(1_000), [LINE, LINE]], [[], {}, 'x', distinct(1_001)]],
      ['expectedTotal', [undefined, null, CNY], [5_400, '5400', [], 'CNY']],
      [
        'expectedTotal.amount',
        [
          { ...CNY, amount: 0 },
          { ...CNY, amount: Number.MAX_SAFE_INTEGER },
        ],
        AMOUNTS,
      ],
      ['expectedTotal.currency', [{ ...CNY, currency: 'JPY' }], CURRENCIES],
      ['expectedTotal.digits', [CNY], [{ ...CNY, digits: 2 }]],
      ['lines[0]', [[LINE]], [[null], [7], [[]]]],
      ['lines[0].goodsId', [[{ ...LINE, goodsId: 2_147_483_647 }]], [0, -1, 1.5, '1', null, 2_147_483_648].map(goods)],
      ['lines[0].num', [[{ ...LINE, num: 9_999 }]], [0, -5, 1.5, '1', null, 10_000].map(pieces)],
    ]
    for (const [field, good, bad] of limits) {
      it(field, () => {
        const [name = ''] = field.split(/[[.]/)
        for (const value of good) assert.deepEqual(problemsOf({ ...LEAST, [name]: value }), [], shown(value))
        for (const value of bad) {
          assert.deepEqual(
            problemsOf({ ...LEAST, [name]: value }).map((problem) => problem.field),
            [field],
            shown(value),
          )
        }
      })
    }
  })

  it('has texts that a person can see, without control characters or line breaks', () => {
    const fields = ['address', 'name', 'mobile'] as const
    const unseen = [
      ...[
        '\u200b',
        '\u200d\u200c',
        '\ufeff',
        '\u00ad',
        '\u2060',
        '\u3164',
        '\uffa0',
        '\u115f\u1160',
        '\u2800',
        '\u180e',
        '\u061c',
      ],
      ...['\u202e\u202c', '\ufe0f', '\u0301', '\u3000\u00a0', '\u{e0001}\u{e0020}', ' \u200b '],
    ]
    const broken = ['a\nb', 'a\r\nb', 'a\tb', 'a\x1b[2J', 'a\x7f', 'a\u0085b', 'a\u009bb', 'a\u2028b', 'a\u2029b', '\u0007a']
    const fine = [
      ...[
        'A',
        '李',
        'ي',
        '+',
        '7',
        '\u202d+86 138\u202c',
        'a\u200db',
        '\u0645\u06cc\u200c\u062e',
        '👩\u200d👧',
        'e\u0301',
        '\ufeffA',
      ],
      ...['\ue000', '＿', '﷽', '-'],
    ]
    for (const field of fields) {
      const problem = (text: string) => problemsOf({ ...LEAST, [field]: text })
      // Some of them are spaces to JavaScript, which were refused before.
      for (const text of unseen)
        assert.match(
          JSON.stringify(problem(text)),
          /^\[\{"field":"\w+","problem":"must (have a character that can be seen|be a text of 1 to \d+ characters)"\}\]$/,
          shown(text),
        )
      assert.deepEqual(problem('\u200b'), [{ field, problem: 'must have a character that can be seen' }])
      for (const text of broken)
        assert.deepEqual(problem(text), [{ field, problem: 'must have no control characters or line breaks' }], shown(text))
      for (const text of fine) assert.deepEqual(problem(text), [], shown(text))
    }
  })

  it('with null for what is optional is the one without it', () => {
    assert.deepEqual(parseOrderRequest({ ...LEAST, post: null, requestId: null, lines: null }, 'run-1'), {
      ...LEAST,
      requestId: 'run-1',
    })
  })

  it('is judged by the rules of before if its run began then, and by all of them if it breaks one of those', () => {
    const before = { ...LEAST, name: '\u200b', address: 'a\nb', requestId: ' ' }
    assert.deepEqual(
      parseOrderRequest(before, 'run-1', () => false),
      before,
    )
    assert.throws(() => parseOrderRequest({ ...before, userId: 0 }, 'run-1', () => false))
    let asked = 0
    parseOrderRequest(LEAST, 'run-1', () => ++asked > 0)
    assert.equal(asked, 0)
  })

  it('is refused if lines of equal goods come to more pieces than one line may have', () => {
    const [problem] = problemsOf({ ...LEAST, lines: [9_999, 1].map((num) => ({ goodsId: 3, num })) })
    assert.deepEqual(problem, { field: 'lines', problem: 'must ask for at most 9999 pieces of goods 3 in all, not 10000' })
  })

  it('is refused with fields that nobody knows, those of every object among them', () => {
    const input = JSON.parse(
      `{"__proto__": {"userId": 7}, "constructor": 1, "toString": 1, "price": 1, "z\\u0000ü": 1,
        "lines": [{"goodsId": 1, "num": 1, "price": 1, "__proto__": {}}],
        "userId": 7, "address": "x", "name": "x", "mobile": "x"}`,
    )
    assert.deepEqual(
      problemsOf(input).map(({ field }) => field),
      ['__proto__', 'constructor', 'toString', 'price', 'z??', 'lines[0].price', 'lines[0].__proto__'],
    )
  })

  it('does not take a field that its prototype has', () => {
    const { userId, ...rest } = LEAST
    const inherited = Object.assign(Object.create({ lines: [] }), { userId, ...rest })
    assert.deepEqual(
      problemsOf(inherited).map(({ field }) => field),
      ['lines'],
    )
  })

  it('is an object', () => {
    for (const input of [undefined, null, 7, 'text', [LEAST], true]) {
      assert.deepEqual(problemsOf(input), [{ field: '', problem: 'must be a JSON object' }])
    }
  })

  it('is refused in these very words: whoever asks reads them, and runs hold them', () => {
    const said = (input: unknown) => refusalOf(input).message.split(': mend ')[0]
    assert.equal(
      said({ ...LEAST, nonsense: 1, userId: 0, post: 7, requestId: 'ü', lines: [{ goodsId: 0, num: 0, price: 1 }, 7] }),
      'nonsense is not known; userId must be an integer from 1 to 2147483647; post must be a text of 0 to 500 characters; ' +
        'requestId must be 1 to 128 printable ASCII characters, not spaces alone; lines[0].price is not known; ' +
        'lines[0].goodsId must be an integer from 1 to 2147483647; lines[0].num must be an integer from 1 to 9999; ' +
        'lines[1] must be an object {goodsId, num}',
    )
    assert.equal(
      said({ ...LEAST, address: 'a\nb', name: '\u200b', mobile: '', lines: [] }),
      'mobile must be a text of 1 to 32 characters; ' +
        'lines must be a list of 1 to 1000 lines; leave it out to order the checked cart rows; ' +
        'address must have no control characters or line breaks; name must have a character that can be seen',
    )
  })

  it('has all its problems told at once, in the message too, but no more than 20 of them', () => {
    const problems = problemsOf({ lines: Array.from({ length: 30 }, () => ({ goodsId: 0, num: 0 })) })
    assert.equal(problems.length, 20)
    assert.deepEqual(
      problems.slice(0, 5).map(({ field }) => field),
      ['userId', 'address', 'name', 'mobile', 'lines[0].goodsId'],
    )
    const { message } = refusalOf({ lines: Array.from({ length: 30 }, () => ({ goodsId: 0, num: 0 })) })
    assert.match(message, /^userId must be .*; address must be .* and 44 more: mend each field/)
  })

  it('with huge names of unknown fields gets a short answer', () => {
    const input = { ...LEAST, ...Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`${i}${'x'.repeat(9_999)}`, 1])) }
    const { message, details } = refusalOf(input)
    assert.ok(message.length < 4_000 && JSON.stringify(details).length < 4_000)
  })
})

function refusalOf(input: unknown) {
  try {
    parseOrderRequest(input, 'run-1')
  } catch (error) {
    const refused = failureIn(error)
    assert.equal(refused?.type, 'InvalidInput')
    return refused
  }
  return assert.fail('it was taken')
}

function problemsOf(input: unknown): FieldProblem[] {
  try {
    parseOrderRequest(input, 'run-1')
    return []
  } catch {
    return refusalOf(input).details.fields as FieldProblem[]
  }
}

function distinct(count: number) {
  return Array.from({ length: count }, (_, i) => ({ goodsId: i + 1, num: 1 }))
}

function goods(goodsId: unknown) {
  return [{ ...LINE, goodsId }]
}

function pieces(num: unknown) {
  return [{ ...LINE, num }]
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 80)
}
