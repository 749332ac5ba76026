/** Bytes that the Temporal server takes for an id (its `limit.maxIDLength`). */
const MAX_WORKFLOW_ID_BYTES = 1_000

/** Reports whether a Workflow Execution can have this id: only then can the server be asked about it. */
export function canBeWorkflowId(id: unknown): id is string {
  return (
    typeof id === 'string' &&
    id !== '' &&
    !id.includes('\0') &&
    id.isWellFormed() &&
    new TextEncoder().encode(id).length <= MAX_WORKFLOW_ID_BYTES
  )
}
