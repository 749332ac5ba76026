import assert from 'node:assert/strict'
import { SEARCH_ATTRIBUTES, searchAttributesOf } from '../../contracts/search-attributes.ts'

describe('the search attributes of an order', () => {
  const request = { userId: 7, requestId: 'mine' }
  const pairs = searchAttributesOf('ABCDEFGHIJKLMNOP', request)

  it('name the order and its user, and not the key, which may name a person; lists, since one run may hold several orders', () => {
    assert.deepEqual(
      pairs.map(({ key: { name, type }, value }) => [name, type, value]),
      [
        ['OrderSn', 'KEYWORD_LIST', ['ABCDEFGHIJKLMNOP']],
        ['UserId', 'KEYWORD_LIST', ['7']],
        ['RequestId', 'KEYWORD', 'ABCDEFGHIJKLMNOP'],
      ],
    )
  })

  it('are those that have to be registered', () => {
    assert.deepEqual(
      pairs.map(({ key }) => key),
      [...SEARCH_ATTRIBUTES],
    )
  })
})
