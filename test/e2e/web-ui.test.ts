import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Client } from '@temporalio/client'
import type { FastifyInstance } from 'fastify'
import type { Page } from 'playwright-core'
import { createDecodeApp, type Decoded } from '../../codec/decode-app.ts'
import { placeOrder } from '../../dev/place-order.ts'
import { findRun } from '../../dev/processes/find-run.ts'
import { sagaSteps } from '../../temporal/saga-steps.ts'
import { TlsFiles } from '../../tls/tls-files.ts'
import { InventoryClient } from '../services/inventory-client.ts'
import { certificate } from '../support/certificate.ts'
import { codecOver, keysFile } from '../support/payload-keys.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { withPage } from './browser-page.ts'
import { compensatedOrder } from './compensated-order.ts'
import { until } from './faults/until.ts'
import { findBrowser } from './find-browser.ts'
import { freshUser, orderOf, RECIPIENT } from './shop.ts'

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
      await page.goto(`${url}/history`)
      // The first step's summary names those that a head start made.
      for (const step of ['prepareOrders', 'sellOrders', 'confirmOrders']) await page.getByText(step).first().waitFor()
      await page.goto(`${url}/user-metadata`)
      assert.match(await currentDetailsOf(page, order.orderSn), new RegExp(`${order.orderSn} confirmed`))
    })
  })
})

describe('the page of a run whose payloads are encrypted', () => {
  const browser = findBrowser()
  const token = randomUUID()
  const refused: string[] = []
  const decoded: Decoded[] = []
  let app: FastifyInstance
  let endpoint: string
  let page: string

  before(async function () {
    if (!browser) this.skip()
    const { client, temporal } = await testStack()
    const { namespace } = client.options
    const codec = codecOver(await keysFile('web-ui'), { namespace })
    app = createDecodeApp({
      codec,
      namespace,
      origin: new URL(temporal.uiUrl).origin,
      whoHas: (given) => (given === token ? 'alice' : undefined),
      onDecoded: (one) => decoded.push(one),
      onRefused: (reason) => refused.push(reason),
      // The web UI passes its user's token to https alone.
      tls: new TlsFiles({ cert: certificate('first.pem'), key: certificate('first.key') }),
    })
    endpoint = await app.listen({ host: '127.0.0.1', port: 0 })
    const sealed = new Client({ connection: client.connection, namespace, dataConverter: { payloadCodecs: [codec] } })
    // Nobody polls this queue: the page shows what was sent.
    const run = { taskQueue: `sealed-${randomUUID()}`, workflowId: `sealed-${randomUUID()}`, args: [orderOf(1)] }
    const { workflowId, firstExecutionRunId } = await sealed.workflow.start('createOrder', run)
    page = `${temporal.uiUrl}/namespaces/${namespace}/workflows/${workflowId}/${firstExecutionRunId}/history`
  })

  after(async () => {
    await app?.close()
  })

  /** Opens the page as somebody who is logged in with this token, and has named the codec server in the settings of the web UI. */
  async function withToken<T>(accessToken: string, look: (page: Page) => Promise<T>): Promise<T> {
    return await withPage(browser as string, { width: 1440, height: 1000 }, async (opened) => {
      const settings = { endpoint, passAccessToken: true, overrideRemoteCodecConfiguration: true, AuthUser: { accessToken } }
      const stored = Object.entries(settings).map(([name, value]) => [name, JSON.stringify(value)])
      await opened.addInitScript(`for (const [name, value] of ${JSON.stringify(stored)}) localStorage.setItem(name, value)`)
      // The dev server has no login: its web UI is told of one, or it would forget whose token it has.
      await opened.route(/\/api\/v1\/settings/, async (route) => {
        const response = await route.fetch()
        const json = await response.json()
        await route.fulfill({ response, json: { ...json, Auth: { ...json.Auth, Enabled: true } } })
      })
      await opened.goto(page)
      return await look(opened)
    })
  }

  it('shows the input to whoever has a token, and whose it was is recorded', async () => {
    await withToken(token, (opened) => opened.getByText(RECIPIENT.address).first().waitFor())
    assert.ok(decoded.some(({ who, payloads, locked }) => who === 'alice' && payloads > 0 && locked === 0))
    assert.deepEqual(refused, [])
  })

  it('shows nothing of it with another token', async () => {
    decoded.splice(0)
    await withToken(randomUUID(), async (opened) => {
      await until('the codec server has refused', () => assert.ok(refused.length > 0))
      await opened.getByText('Workflow Execution Started').first().waitFor({ state: 'attached' })
      assert.ok(!(await opened.content()).includes(RECIPIENT.address))
    })
    assert.deepEqual(decoded, [])
  })
})

/** They are Markdown, which the page renders in a frame of its own. */
async function currentDetailsOf(page: Page, word: string): Promise<string> {
  const frame = page.frameLocator('iframe').last()
  await frame.getByText(word).waitFor()
  return ((await frame.locator('body').textContent()) ?? '').replace(/\s+/g, ' ')
}
