import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, type WorkerOptions } from '@temporalio/worker'

const WORKFLOWS = pathOf('../workflows/index')
const PAYLOAD_CONVERTER = pathOf('../workflows/payload-converter')
/** Folders whose modules a workflow may import: .dependency-cruiser.cjs keeps it so. */
const BUNDLED = ['contracts', 'workflows']
const { version: SDK_VERSION } = createRequire(import.meta.url)('@temporalio/workflow/package.json') as { version: string }
/** Modules that every run needs are loaded once for all of them. */
const preloadModules = [WORKFLOWS, PAYLOAD_CONVERTER]

/**
 * The workflows, as a worker takes them.
 * @param bundled file that bundleWorkflows wrote; without it the worker bundles them itself, which takes it 2 s
 * @throws Error where it was made of other workflows than stand here
 */
export async function workflowOptions(
  bundled: string | undefined,
): Promise<Pick<WorkerOptions, 'workflowsPath' | 'workflowBundle' | 'bundlerOptions' | 'dataConverter'>> {
  const dataConverter = { payloadConverterPath: PAYLOAD_CONVERTER }
  if (!bundled) return { dataConverter, workflowsPath: WORKFLOWS, bundlerOptions: { preloadModules } }
  const code = await readFile(bundled, 'utf8')
  // Another build's would run in silence, and fail runs by its non-determinism, or by steps that are missing.
  if (!code.startsWith(await stamp())) {
    throw new Error(`WORKFLOW_BUNDLE ${bundled} was made of other workflows than this build has: npm run build makes it anew`)
  }
  return { dataConverter, workflowBundle: { code } }
}

/** Bundles the workflows into a file, for workers of this very build: without those of traces, which bundle their own. */
export async function bundleWorkflows(file: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    payloadConverterPath: PAYLOAD_CONVERTER,
    preloadModules,
    logger: new DefaultLogger('WARN'),
  })
  await writeFile(file, `${await stamp()}${code}`)
}

/** Stands before a bundle's code: a hash of the modules that it is made of, and the SDK's version. No line: a stack's would be off by one. */
async function stamp(): Promise<string> {
  const hash = createHash('sha256').update(SDK_VERSION)
  for (const folder of BUNDLED) {
    const root = join(dirname(WORKFLOWS), '..', folder)
    const files = (await readdir(root, { recursive: true })).filter((name) => extname(name) === extname(WORKFLOWS)).sort()
    for (const name of files) hash.update(`${folder}/${name}\n`).update(await readFile(join(root, name)))
  }
  return `/* order-saga ${hash.digest('hex')} */`
}

/** The SDK bundles what it is given as a path: the source under tsx, the compiled file in a build. */
function pathOf(module: string): string {
  return fileURLToPath(import.meta.resolve(`${module}${extname(import.meta.url)}`))
}
