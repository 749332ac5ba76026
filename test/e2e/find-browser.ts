import { onPath } from '../support/on-path.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** Path of a Chromium: `CHROMIUM_PATH`, else the first one on the PATH. */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.CHROMIUM_PATH || onPath(NAMES, env)
}
