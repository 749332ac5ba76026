/** Nothing at all: what Temporal itself takes for one workflow. */
export async function emptyWorkflow(): Promise<void> {}
