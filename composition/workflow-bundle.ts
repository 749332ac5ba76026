import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, type WorkerOptions } from '@temporalio/worker'

const WORKFLOWS = pathOf('../workflows/index')
const PAYLOAD_CONVERTER = pathOf('../workflows/payload-converter')
/** What every run needs is loaded once for all of them. */
const preloadModules = [WORKFLOWS, PAYLOAD_CONVERTER]

/**
 * The workflows, as a worker takes them.
 * @param bundled file that bundleWorkflows wrote; without it the worker bundles them itself, which takes it 2 s
 */
export function workflowOptions(
  bundled: string | undefined,
): Pick<WorkerOptions, 'workflowsPath' | 'workflowBundle' | 'bundlerOptions' | 'dataConverter'> {
  const dataConverter = { payloadConverterPath: PAYLOAD_CONVERTER }
  if (bundled) return { dataConverter, workflowBundle: { codePath: bundled } }
  return { dataConverter, workflowsPath: WORKFLOWS, bundlerOptions: { preloadModules } }
}

/** Bundles the workflows into a file, for workers of this very build: without those of traces, which bundle their own. */
export async function bundleWorkflows(file: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    payloadConverterPath: PAYLOAD_CONVERTER,
    preloadModules,
    logger: new DefaultLogger('WARN'),
  })
  await writeFile(file, code)
}

/** The SDK bundles what it is given as a path: the source under tsx, the compiled file in a build. */
function pathOf(module: string): string {
  return fileURLToPath(import.meta.resolve(`${module}${extname(import.meta.url)}`))
}
