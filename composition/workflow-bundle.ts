import { readFile, rename, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, type WorkerOptions } from '@temporalio/worker'
import { workflowStamp } from './workflow-stamp.ts'

const WORKFLOWS = pathOf('../workflows/index')
const PAYLOAD_CONVERTER = pathOf('../workflows/payload-converter')
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
  if (!code.startsWith(await workflowStamp())) {
    throw new Error(`WORKFLOW_BUNDLE ${bundled} was made of other workflows than this build has: npm run build makes it anew`)
  }
  return { dataConverter, workflowBundle: { code } }
}

/** Bundles the workflows into a file, for workers of this very build: without those of traces, which bundle their own. */
export async function bundleWorkflows(file: string): Promise<void> {
  const stamp = await workflowStamp() // first: who edits a workflow meanwhile makes the bundle an old one
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    payloadConverterPath: PAYLOAD_CONVERTER,
    preloadModules,
    logger: new DefaultLogger('WARN'),
  })
  // Aside and renamed: half a bundle has a whole stamp.
  await writeFile(`${file}.${process.pid}`, `${stamp}${code}`)
  await rename(`${file}.${process.pid}`, file)
}

/** The SDK bundles what it is given as a path: the source under tsx, the compiled file in a build. */
function pathOf(module: string): string {
  return fileURLToPath(import.meta.resolve(`${module}${extname(import.meta.url)}`))
}
