import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { extname, join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PayloadCodec } from '@temporalio/common'
import { bundleWorkflowCode, DefaultLogger, type WorkerOptions } from '@temporalio/worker'
import { WORKFLOW_INTERCEPTORS } from '../telemetry/workflow-interceptors.ts'
import { workflowStamp } from './workflow-stamp.ts'

const WORKFLOWS = pathOf('../workflows/index')
const PAYLOAD_CONVERTER = pathOf('../workflows/payload-converter')
const FAILURE_CONVERTER = pathOf('../workflows/failure-converter')
/** Modules that every run needs are loaded once for all of them. */
const preloadModules = [WORKFLOWS, PAYLOAD_CONVERTER]

/** The workers for which a bundle is made; there is one for each combination. */
interface Variant {
  /** True if what workflows return, and how they fail, is encrypted: failures have their messages in payloads. @default false */
  encrypted?: boolean
  /** True if traces are sent: Temporal's interceptors, by which a trace goes on through a workflow, are part of it. @default false */
  traced?: boolean
}

interface Options extends Variant {
  /** File that bundleWorkflows wrote; without it the worker bundles them itself, which takes it 2 s. */
  bundled: string | undefined
  payloadCodecs: PayloadCodec[]
}

/**
 * The workflows, as a worker takes them.
 * @throws Error where the bundle was made of other workflows than stand here
 */
export async function workflowOptions({
  bundled,
  encrypted = false,
  traced = false,
  payloadCodecs,
}: Options): Promise<Pick<WorkerOptions, 'workflowsPath' | 'workflowBundle' | 'bundlerOptions' | 'dataConverter'>> {
  const dataConverter = { ...convertersOf(encrypted), payloadCodecs }
  const file = bundled && bundleFor(bundled, { encrypted, traced })
  // Bundles of before had none for traces: whoever names such a one goes on as before.
  if (!file || (traced && !existsSync(file)))
    return { dataConverter, workflowsPath: WORKFLOWS, bundlerOptions: { preloadModules } }
  const code = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`WORKFLOW_BUNDLE: ${file} can't be read (${error.code}): npm run build makes it`)
  })
  // Another build's would run in silence, and fail runs by its non-determinism, or by steps that are missing.
  if (!code.startsWith(await workflowStamp())) {
    throw new Error(`WORKFLOW_BUNDLE ${file} was made of other workflows than this build has: npm run build makes it anew`)
  }
  return { dataConverter, workflowBundle: { code } }
}

/**
 * Bundles the workflows into a file, for workers of this very build.
 * @param added modules with interceptors around the workflows
 */
export async function bundleWorkflows(
  file: string,
  { encrypted = false, traced = false }: Variant = {},
  added: readonly string[] = [],
): Promise<void> {
  const stamp = await workflowStamp() // first: who edits a workflow meanwhile makes the bundle an old one
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    ...convertersOf(encrypted),
    preloadModules,
    workflowInterceptorModules: [...added, ...(traced ? [WORKFLOW_INTERCEPTORS] : [])],
    logger: new DefaultLogger('WARN'),
  })
  // Aside and renamed: half a bundle has a whole stamp.
  await writeFile(`${file}.${process.pid}`, `${stamp}${code}`)
  await rename(`${file}.${process.pid}`, file)
}

function convertersOf(encrypted: boolean) {
  return { payloadConverterPath: PAYLOAD_CONVERTER, ...(encrypted && { failureConverterPath: FAILURE_CONVERTER }) }
}

/** Path of a bundle beside the one that WORKFLOW_BUNDLE names: whoever flips PAYLOAD_ENCRYPTION or switches traces on need not think of it. */
export function bundleFor(bundle: string, { encrypted = false, traced = false }: Variant): string {
  const { dir, name, ext } = parse(bundle)
  return join(dir, `${name}${encrypted ? '-encrypted' : ''}${traced ? '-traced' : ''}${ext}`)
}

/** The SDK bundles what it is given as a path: the source under tsx, the compiled file in a build. */
function pathOf(module: string): string {
  return fileURLToPath(import.meta.resolve(`${module}${extname(import.meta.url)}`))
}
