import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { placeOrder } from '../../dev/place-order.ts'
import { findRun } from '../../dev/processes/find-run.ts'
import { sagaSteps } from '../../temporal/saga-steps.ts'
import { InventoryClient } from '../services/inventory-client.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { withPage } from './browser-page.ts'
import { compensatedOrder } from './compensated-order.ts'
import { findBrowser } from './find-browser.ts'
import { freshUser, orderOf } from './shop.ts'

const GOODS = [61, 62, 63]
const UNDONE_ORDER = ['openOrder', 'batchGetGoods', 'getUser', 'sell', 'voidOrder', 'reback']

describe('the page of a run in the Temporal web UI', () => {
  const browser = findBrowser()
  let stack: TestStack

  before(async function () {
    if (!browser) {
      console.log('    skipped: no Chromium on the PATH, and CHROMIUM_PATH is not set')
      this.skip()
    }
    stack = await testStack()
  })

  it('shows a compensated order: each activity with its summary, and in the current details what was undone', async () => {
    const inventory = new InventoryClient(`127.0.0.1:${stack.ports.inventory}`)
    try {
      const stock = () => Promise.all(GOODS.map((goodsId) => inventory.stock(goodsId)))
      const before = await stock()
      const lines = GOODS.map((goodsId, i) => ({ goodsId, num: i + 1 }))
      const order = await compensatedOrder(stack, { ...orderOf(freshUser(), lines), requestId: randomUUID() })
      assert.deepEqual(await stock(), before)

      const steps = sagaSteps(await order.run.fetchHistory())
      assert.deepEqual(
        steps.map(({ activity }) => activity),
        UNDONE_ORDER,
      )
      await withPage(browser as string, { width: 1440, height: 1000 }, async (page) => {
        await page.goto(`${order.historyUrl}/timeline`)
        for (const { activity, summary } of steps) {
          assert.ok(summary.length > 10, `${activity} has no summary`)
          await page.getByText(`${activity} • ${summary}`).first().waitFor()
        }
        await page.goto(`${order.historyUrl}/user-metadata`)
        const details = await currentDetailsOf(page, 'Step:')
        for (const said of ['Step: settled', `Order: ${order.orderSn}`, 'Failure: OrderCancelled', 'Undone: order', 'stock']) {
          assert.ok(details.includes(said), `${said} in ${details}`)
        }
      })
    } finally {
      await inventory.stop()
    }
  })

  it('shows a batch of the lane: each step, and in the current details a table of order and outcome', async () => {
    const { order } = await placeOrder(stack.httpUrl)
    const run = await findRun(stack.client.workflow, order.orderSn)
    const { type, runId } = await run.describe()
    assert.equal(type, 'createOrders')
    const url = `${stack.temporal.uiUrl}/namespaces/default/workflows/${encodeURIComponent(run.workflowId)}/${runId}`
    await withPage(browser as string, { width: 1440, height: 1000 }, async (page) => {
      await page.goto(`${url}/timeline`)
      for (const step of ['prepareOrders', 'sellOrders', 'confirmOrders']) await page.getByText(step).first().waitFor()
      await page.goto(`${url}/user-metadata`)
      assert.match(await currentDetailsOf(page, order.orderSn), new RegExp(`${order.orderSn} confirmed`))
    })
  })
})

/** They are Markdown, which the page renders in a frame of its own. */
async function currentDetailsOf(page: Page, word: string): Promise<string> {
  const frame = page.frameLocator('iframe').last()
  await frame.getByText(word).waitFor()
  return ((await frame.locator('body').textContent()) ?? '').replace(/\s+/g, ' ')
}
