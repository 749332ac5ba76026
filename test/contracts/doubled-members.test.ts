import assert from 'node:assert/strict'
import fc from 'fast-check'
import { doubledMember } from '../../contracts/doubled-members.ts'

describe('a member that is there twice', () => {
  it('is found at any depth, and named by its path', () => {
    const found: [json: string, path: string | undefined][] = [
      ['{"a":1,"a":1}', 'a'],
      ['{"a":1,"b":{"c":[{},{"d":1,"d":2}]}}', 'b.c[1].d'],
      [' [ { "x" : 1 , "y" : 2 } , { "x" : 1 , "x" : 2 } ] ', '[1].x'],
      ['{"a":1,"\\u0061":2}', 'a'],
      ['{"__proto__":1,"__proto__":2}', '__proto__'],
      ['{"":1,"":2}', ''],
      ['{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}', undefined],
      ['{"a":"{\\"b\\":1,\\"b\\":2}","c":"\\\\","d":":,{}[]"}', undefined],
      ['{"a":1,"A":2,"constructor":3,"toString":4}', undefined],
      ['"a"', undefined],
      ['1', undefined],
      ['[]', undefined],
    ]
    for (const [json, path] of found) assert.equal(doubledMember(json), path, json)
  })

  it('is in no JSON that JavaScript writes, and in every such with a member written again', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.boolean(), (value, pretty) => {
        assert.equal(doubledMember(JSON.stringify(value, null, pretty ? 2 : 0)), undefined)
      }),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (object, nth) => {
        const members = Object.entries(object).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
        const again = members[nth % members.length] ?? ''
        const [name] = Object.entries(object)[nth % members.length] ?? []
        assert.equal(doubledMember(`[0,{${[...members, again].join()}}]`), `[1].${name}`)
      }),
    )
  })

  it('is looked for in a list 100,000 deep, and in megabytes', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    assert.equal(doubledMember(deep), undefined)
    assert.equal(doubledMember(`{"a":"${'\\"'.repeat(1_000_000)}","b":1,"a":2}`), 'a')
  })
})
