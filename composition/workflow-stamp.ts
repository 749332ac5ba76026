import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'

/** Folders whose modules a workflow may import: .dependency-cruiser.cjs keeps it so. */
const BUNDLED = ['contracts', 'workflows']
/** The sources under tsx, the compiled files in a build. */
const EXTENSION = extname(import.meta.url)
const { version: SDK_VERSION } = createRequire(import.meta.url)('@temporalio/workflow/package.json') as { version: string }

/**
 * Returns the text that stands before the code of a bundle of the workflows as they are now: a hash of the modules that it is
 * made of, and the SDK's version. It is no line of its own, or the lines of a stack would be off by one.
 */
export async function workflowStamp(): Promise<string> {
  const hash = createHash('sha256').update(SDK_VERSION)
  for (const folder of BUNDLED) {
    const root = join(import.meta.dirname, '..', folder)
    const files = (await readdir(root, { recursive: true })).filter((name) => extname(name) === EXTENSION).sort()
    for (const name of files) hash.update(`${folder}/${name}\n`).update(await readFile(join(root, name)))
  }
  return `/* order-saga ${hash.digest('hex')} */`
}
