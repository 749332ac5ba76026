import { parseArgs } from 'node:util'
import { run } from './lifecycle.ts'
import { bundleWorkflows, encryptedBundle } from './workflow-bundle.ts'

/** `npm run build` ends with it: bundles the workflows into a file for WORKFLOW_BUNDLE; --encrypted: also into the one beside it, for PAYLOAD_ENCRYPTION=encode. */
run(async () => {
  const { values, positionals } = parseArgs({ options: { encrypted: { type: 'boolean' } }, allowPositionals: true })
  const [file, ...further] = positionals
  if (!file || further.length > 0) throw new Error('say into which file the workflows are to be bundled, and nothing else')
  await bundleWorkflows(file)
  if (values.encrypted) await bundleWorkflows(encryptedBundle(file), { encrypted: true })
  console.log(`bundled the workflows into ${file}: set WORKFLOW_BUNDLE to it`)
})
