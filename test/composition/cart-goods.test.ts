import assert from 'node:assert/strict'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { cartGoods } from '../../composition/cart-goods.ts'
import { loadStarterConfig } from '../../config/config.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { createMetrics } from '../../telemetry/metrics.ts'

describe('the goods service, as carts ask it,', () => {
  it('has a circuit breaker of its own, which the metrics show beside that of orders', async () => {
    const config = loadStarterConfig({
      DATABASE_URL: 'postgres://localhost/orders',
      GOODS_TARGET: `127.0.0.1:${await freePort()}`,
      BREAKER_FAILURES: '2',
      BREAKER_OPEN_MS: '10000',
    })
    const registry = new Registry()
    const goods = cartGoods({ config, logger: pino({ level: 'silent' }), metrics: createMetrics(registry) })
    const shown = async () =>
      (await registry.metrics()).split('\n').filter((line) => /^circuit_breaker_state.*"goods"/.test(line))
    const orders = 'circuit_breaker_state{service="goods",callers="orders"} 0'
    assert.deepEqual(await shown(), [orders, 'circuit_breaker_state{service="goods",callers="carts"} 0'])
    for (let i = 0; i < 2; i++) await assert.rejects(goods.batchGetGoods([1]))
    assert.deepEqual(await shown(), [orders, 'circuit_breaker_state{service="goods",callers="carts"} 2'])
    goods.close()
  })
})
