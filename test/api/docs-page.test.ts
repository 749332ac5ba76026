import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { FAILURES } from '../../contracts/failures.ts'
import { withPage } from '../e2e/browser-page.ts'
import { until } from '../e2e/faults/until.ts'
import { findBrowser } from '../e2e/find-browser.ts'
import { appOf } from './parts.ts'

describe('the pages of the documentation', () => {
  const browser = findBrowser()

  it('work in a browser under the content security policy that they are served with', async function () {
    if (!browser) return void this.skip()
    const { app } = await appOf()
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    // A browser that is short of processors connects long before it asks.
    Object.assign(app.server, { headersTimeout: 0, requestTimeout: 0 })
    try {
      await withPage(browser, { width: 1280, height: 1000 }, async (page) => {
        const wrong = await wrongWith(page)
        await showOperations(page, url)
        await showRefusals(page, url)
        assert.deepEqual(wrong, [])
        await page.evaluate("void document.head.append(Object.assign(document.createElement('script'), { textContent: '0' }))")
        await until('a script that the policy forbids is seen', () => assert.match(wrong.join(), /script-src-elem forbids/))
      })
    } finally {
      await app.close()
    }
  })
})

/** Returns a list that grows by whatever the policy forbids a page, by its errors, and by answers that are errors. */
async function wrongWith(page: Page): Promise<string[]> {
  const wrong: string[] = []
  await page.exposeFunction('noteViolation', (what: string) => wrong.push(what))
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    noteViolation(event.effectiveDirective + ' forbids ' + (event.blockedURI || event.sourceFile)))`)
  page.on('pageerror', (error) => wrong.push(String(error)))
  page.on('response', (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()} ${response.url()}`)
  })
  return wrong
}

/** Finds every operation of the document on the page, and tries one. */
async function showOperations(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/docs`)
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> }
  const operations = Object.values(paths).flatMap((item) => Object.keys(item)).length
  const blocks = page.locator('.opblock')
  await blocks.nth(operations - 1).waitFor()
  assert.equal(await blocks.count(), operations)
  const alive = page.locator('.opblock', { hasText: '/healthz' })
  await alive.locator('.opblock-summary-control').click()
  await alive.getByRole('button', { name: 'Try it out' }).click()
  await alive.getByRole('button', { name: 'Execute' }).click()
  await alive.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor()
}

/** Finds every failure on the page, and the one marked to which a problem document points. */
async function showRefusals(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/docs/problems#OrderNotFound`)
  assert.equal(await page.locator('tr[id]').count(), Object.keys(FAILURES).length)
  const marked = await page.evaluate("getComputedStyle(document.getElementById('OrderNotFound')).backgroundColor")
  assert.equal(marked, 'rgb(255, 255, 221)')
}
