import { parseArgs } from 'node:util'
import { run } from './lifecycle.ts'
import { bundleFor, bundleWorkflows } from './workflow-bundle.ts'

/** `npm run build` ends with it: bundles the workflows into a file for WORKFLOW_BUNDLE; --all: also into those beside it, for PAYLOAD_ENCRYPTION=encode, for traces, and for both. */
run(async () => {
  const { values, positionals } = parseArgs({ options: { all: { type: 'boolean' } }, allowPositionals: true })
  const [file, ...further] = positionals
  if (!file || further.length > 0) throw new Error('say into which file the workflows are to be bundled, and nothing else')
  for (const encrypted of values.all ? [false, true] : [false])
    for (const traced of values.all ? [false, true] : [false])
      await bundleWorkflows(bundleFor(file, { encrypted, traced }), { encrypted, traced })
  console.log(`bundled the workflows into ${file}: set WORKFLOW_BUNDLE to it`)
})
