/** Does nothing at all: its time is what Temporal itself takes for one workflow. */
export async function emptyWorkflow(): Promise<void> {}
