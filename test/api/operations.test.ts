import assert from 'node:assert/strict'
import { appOf, CONFIRMED, ordersThatSay, REQUEST } from './parts.ts'

describe('operations over HTTP', () => {
  it('are alive whatever is missing, and ready only when nothing is', async () => {
    const { app } = await appOf()
    assert.deepEqual((await app.inject('/healthz')).json(), { status: 'ok' })
    assert.deepEqual((await app.inject('/readyz')).json(), { status: 'ready' })

    const down = (await appOf({ store: { isUp: false, latest: undefined }, temporal: { isUp: false } })).app
    assert.equal((await down.inject('/healthz')).statusCode, 200)
    const answer = await down.inject('/readyz')
    assert.equal(answer.statusCode, 503)
    assert.deepEqual(answer.json().missing, ['temporal', 'postgresql'])
  })

  it('log a change of what is missing, and no probe that finds what the one before it found', async () => {
    const store = { isUp: true, latest: 0 }
    const { app, logged } = await appOf({ store })
    for (const isUp of [true, false, false, false, true, true]) {
      store.isUp = isUp
      assert.equal((await app.inject('/readyz')).statusCode, isUp ? 200 : 503)
    }
    const said = logged.map((line) => JSON.parse(line)).map(({ msg, missing }) => [msg, missing])
    assert.deepEqual(said, [
      ['not ready', 'postgresql'],
      ['ready again', undefined],
    ])
  })

  it('count requests by the pattern of their route, never by their path', async () => {
    const { app } = await appOf({ orders: ordersThatSay(CONFIRMED) })
    await app.inject(`/orders/${CONFIRMED.orderSn}`)
    await app.inject('/nowhere/42')
    const { body } = await app.inject('/metrics')
    assert.match(body, /http_request_duration_seconds_count\{method="GET",route="\/orders\/:orderSn",status="200"\} 1/)
    assert.doesNotMatch(body, new RegExp(`${CONFIRMED.orderSn}|nowhere`))
  })

  it('say for which reason no orders are taken', async () => {
    const closed = async (changes: Parameters<typeof appOf>[0]) => {
      const { body } = await (await appOf(changes)).app.inject('/metrics')
      return [...body.matchAll(/^intake_closed\{reason="(\w+)"\} 1$/gm)].map(([, reason]) => reason)
    }
    assert.deepEqual(await closed({}), [])
    assert.deepEqual(await closed({ temporal: { isUp: false } }), ['temporal'])
    assert.deepEqual(await closed({ store: { isUp: false, latest: 0 } }), ['postgresql'])
    assert.deepEqual(await closed({ store: { isUp: true, latest: 500 } }), ['backlog'])
    const { body } = await (await appOf()).app.inject('/metrics')
    assert.equal(body.match(/^intake_closed\{.*\} 0$/gm)?.length, 3)
  })

  it('say how many orders are unsettled, and nothing while nobody knows', async () => {
    const unsettled = async (store: { isUp: boolean; latest: number | undefined }) => {
      const { body } = await (await appOf({ store })).app.inject('/metrics')
      return [...body.matchAll(/^orders_unsettled (\d+)$/gm)].map(([, number]) => number)
    }
    assert.deepEqual(await unsettled({ isUp: true, latest: 7 }), ['7'])
    assert.deepEqual(await unsettled({ isUp: true, latest: undefined }), [])
    assert.deepEqual(await unsettled({ isUp: false, latest: 7 }), [])
  })

  it('join the metrics of the Temporal SDK if a worker runs in the process', async () => {
    const { app } = await appOf({ sdkMetrics: async () => 'temporal_request_total 7\n' })
    await app.inject('/healthz')
    const { body } = await app.inject('/metrics')
    assert.match(body, /^http_request_duration_seconds_count\{.*\} 1$/m)
    assert.match(body, /^temporal_request_total 7$/m)
  })

  it('log no personal data, even of a request that ends in an unexpected error', async () => {
    const getOrder = () => Promise.reject(Object.assign(new TypeError('defect'), { detail: `Key (name)=(${REQUEST.name})` }))
    const { post, logged } = await appOf({ orders: { ...ordersThatSay(), getOrder } })
    const answer = await post()
    assert.deepEqual([answer.statusCode, answer.json().failure], [500, 'InternalError'])
    assert.doesNotMatch(answer.body, /defect/)
    assert.match(logged.join(), /defect/)
    assert.doesNotMatch(logged.join(), new RegExp([REQUEST.name, REQUEST.mobile, REQUEST.address].join('|')))
  })
})
