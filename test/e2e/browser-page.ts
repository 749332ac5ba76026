import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { STILL_MS } from './faults/until.ts'

/** The browser talks to the web UI and to nobody else. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Opens one page of a browser with a profile of its own, and leaves nothing of it behind. */
export async function withPage<T>(
  executablePath: string,
  viewport: { width: number; height: number },
  look: (page: Page) => Promise<T>,
): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), 'order-saga-browser-'))
  try {
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath,
      // Chromium's sandbox needs rights that containers and root do not have; the page is our own.
      chromiumSandbox: false,
      args: QUIET,
      viewport,
      timeout: STILL_MS,
      // A server of a test has a certificate of its own.
      ignoreHTTPSErrors: true,
      colorScheme: 'light',
      timezoneId: 'UTC',
      locale: 'en-GB',
    })
    try {
      browser.setDefaultTimeout(STILL_MS)
      return await look(await browser.newPage())
    } finally {
      await browser.close()
    }
  } finally {
    await rm(profile, { recursive: true, force: true })
  }
}
