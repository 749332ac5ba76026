/** @param uiUrl of the Temporal web UI, without a slash at its end @returns the page of a run there, by its Workflow Id */
export function runUrlAt(uiUrl: string, namespace: string): (workflowId: string) => string {
  return (workflowId) => `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`
}
