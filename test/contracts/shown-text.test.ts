import assert from 'node:assert/strict'
import fc from 'fast-check'
import { markdownCode } from '../../contracts/markdown-code.ts'
import { shownLines, shownText } from '../../contracts/shown-text.ts'

const ANY = fc.string({ unit: 'binary', maxLength: 60 })

describe('a text of a stranger on a terminal', () => {
  it('is one line without anything that a terminal obeys, and as it was if it is plain', () => {
    assert.equal(
      shownText('red \u001b[31m, a title \u001b]0;x\u0007, C1 \u009b2J'),
      'red \\u001b[31m, a title \\u001b]0;x\\u0007, C1 \\u009b2J',
    )
    assert.equal(shownText('a\r\nb\u2028c\u202ed\ufeff'), 'a\\u000d\\u000ab\\u2028c\\u202ed\\ufeff')
    assert.equal(shownText('\u{e0020}'), '\\udb40\\udc20')
    assert.equal(shownText('茶 × 2, 50 % – “Tea”'), '茶 × 2, 50 % – “Tea”')
    fc.assert(fc.property(ANY, (text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(shownText(text))))
  })

  it('is the same in a JSON document, which stays one', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(ANY, ANY)), (rows) => {
        assert.deepEqual(JSON.parse(shownLines(JSON.stringify(rows, null, 2))), rows)
      }),
    )
  })
})

describe('a text of a stranger in Markdown', () => {
  it('is code to its end, whatever stands in it: no link, no image, no cell of a table, no second line', () => {
    const key = 'create-order/7/`](https://evil.example) ![x](https://evil.example/p.png) | # <b>'
    assert.equal(
      markdownCode(key),
      '`create-order/7/\uFFFD](https://evil.example) ![x](https://evil.example/p.png) \uFFFD # <b>`',
    )
    fc.assert(
      fc.property(ANY, (text) => {
        const shown = markdownCode(text)
        assert.ok(shown === '' || /^`[^`|\\\n\r]+`$/.test(shown), JSON.stringify(shown))
      }),
    )
  })
})
