import assert from 'node:assert/strict'
import { type Payload, RawValue } from '@temporalio/common'
import { FakeShop } from '../support/fake-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

const LINE = '"lines":[{"goodsId":1,"num":1}]'
const ORDER = `{"userId":7,"address":"1 Test Street","name":"Somebody","mobile":"0100",${LINE}}`

describe('the input of a run', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>

  before(async () => {
    parts = await connectParts()
  })
  after(() => parts.close())

  /** The problems for which the run was refused, or what the shop was asked for. */
  async function endOf(type: string, sent: Payload) {
    const shop = new FakeShop()
    const ended = await withWorker(parts, shop.activities(), async (start) =>
      outcome(await start(type, RawValue.fromPayload(sent))),
    )
    if ('refused' in ended) assert.deepEqual([ended.refused?.type, shop.calls], ['InvalidInput', []])
    return 'refused' in ended ? ended.refused?.details.fields : shop.calls
  }

  const unreadable: Record<string, Payload> = {
    'raw bytes': payload(ORDER, 'binary/plain'),
    'an encoding that nobody knows': payload(ORDER, 'binary/encrypted'),
    'an encoding of Protobuf': payload(ORDER, 'json/protobuf'),
    'no encoding': { metadata: {}, data: Buffer.from(ORDER) },
    'broken JSON': payload('{"userId": 1,'),
    'JSON that is not UTF-8': payload(Buffer.from([0xff, 0xfe, 0x22])),
  }
  for (const [what, sent] of Object.entries(unreadable)) {
    it(`that can't be read is refused by saying that, not that it is no object: ${what}`, async () => {
      const said =
        sent.metadata?.encoding?.toString() === 'json/plain'
          ? /its encoding is json\/plain, and it must be JSON/
          : /its encoding must be json\/plain/
      for (const type of ['createOrder', 'createOrders', 'settleOrder']) {
        const fields = (await endOf(type, sent)) as { field: string; problem: string }[]
        assert.equal(fields.length, 1)
        assert.match(fields[0]?.problem ?? '', said, type)
        assert.match(fields[0]?.problem ?? '', /^can't be read: /, type)
      }
    })
  }

  it('that is read and is no object is refused as such', async () => {
    for (const json of ['null', '[]', '1']) {
      assert.deepEqual(await endOf('createOrder', payload(json)), [{ field: '', problem: 'must be a JSON object' }], json)
    }
  })

  it('is refused if its JSON has a member twice, at any depth', async () => {
    const problem = 'is there twice: once is enough'
    const twice = ORDER.replace('"num":1', '"num":1,"num":2')
    assert.deepEqual(await endOf('createOrder', payload(twice)), [{ field: 'lines[0].num', problem }])
    assert.deepEqual(await endOf('createOrders', payload(`[${twice}]`)), [{ field: '[0].lines[0].num', problem }])
  })

  it('may have null for what is optional, as Python and Go send it', async () => {
    const nulled = ORDER.replace('"mobile"', '"post":null,"requestId":null,"mobile"')
    assert.deepEqual(await endOf('createOrder', payload(nulled)), [
      'openOrder',
      'batchGetGoods',
      'getUser',
      'sell',
      'confirmOrder',
    ])
  })

  it('has texts that people can read', async () => {
    const unseen = ORDER.replace('Somebody', '\u200b').replace('0100', '01\\n00')
    assert.deepEqual(await endOf('createOrder', payload(unseen)), [
      { field: 'name', problem: 'must have a character that can be seen' },
      { field: 'mobile', problem: 'must have no control characters or line breaks' },
    ])
  })
})

function payload(data: string | Buffer, encoding = 'json/plain'): Payload {
  return { metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) }
}
