import { DefaultFailureConverter } from '@temporalio/common'

/**
 * The default converter, except that messages and stacks of failures are payloads, and so encrypted. It is used only where payloads are: without a codec
 * nobody could read a failure in the web UI, and nothing would be gained.
 *
 * The name by which the SDK looks for it in this file; composition/workflow-bundle.ts gives the path.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
