import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { placeOrder } from '../../dev/place-order.ts'
import { endAll } from '../support/on-end.ts'
import { testStack } from '../support/stack.ts'
import { withPage } from './browser-page.ts'
import { compensatedOrder } from './compensated-order.ts'
import { findBrowser } from './find-browser.ts'
import { putIntoCart } from './shop.ts'

/*
 * Makes README's picture of a compensated order anew, from a real one:
 *
 *     node --import tsx test/e2e/screenshot.ts
 */
const IMAGES = join(import.meta.dirname, '..', '..', 'docs', 'images')

/**
 * Margins that the picture leaves out, left and above, and height that it takes in below the last activity. Pixels of the web
 * UI 2.54.
 */
const NAVIGATION = 256
const BANNER = 56
const AXIS = 110

const browser = findBrowser()
if (!browser) throw new Error('No Chromium on the PATH: install one, or set CHROMIUM_PATH')
try {
  const stack = await testStack()
  // The first order of a worker that is cold takes longer than the others, which would squeeze the picture.
  await placeOrder(stack.httpUrl)
  await putIntoCart(stack.httpUrl, 7, [
    { goodsId: 12, num: 2 },
    { goodsId: 47, num: 1 },
  ])
  const customer = { address: '1 Harbour Street', name: 'A. Customer', mobile: '10000000000' }
  const { historyUrl } = await compensatedOrder(stack, { userId: 7, requestId: 'cart-2026-11', ...customer })
  await mkdir(IMAGES, { recursive: true })
  await withPage(browser, { width: NAVIGATION + 1280, height: 1000 }, async (page) => {
    await page.goto(`${historyUrl}/timeline`)
    // The story is told from top to bottom.
    await page.getByRole('button', { name: 'Descending' }).click()
    const { y, height } = (await page.getByText('reback •').first().boundingBox()) ?? { y: 0, height: 0 }
    const clip = { x: NAVIGATION, y: BANNER, width: 1280, height: y + height + AXIS - BANNER }
    await page.screenshot({ path: join(IMAGES, 'compensated-order.png'), clip })
  })
} finally {
  await endAll()
}
