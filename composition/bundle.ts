import { run } from './lifecycle.ts'
import { bundleWorkflows } from './workflow-bundle.ts'

/** `npm run build` ends with it: bundles the workflows into a file for WORKFLOW_BUNDLE. */
run(async () => {
  const [file, ...further] = process.argv.slice(2)
  if (!file || further.length > 0) throw new Error('say into which file the workflows are to be bundled, and nothing else')
  await bundleWorkflows(file)
  console.log(`bundled the workflows into ${file}: set WORKFLOW_BUNDLE to it`)
})
