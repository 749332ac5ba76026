/**
 * The Temporal SDK's own metrics, as it serves them.
 * @param address where, as installRuntime said: `host:port`
 * @returns an empty text if they can't be had: ours are worth having without them
 */
export async function readSdkMetrics(address: string): Promise<string> {
  try {
    const answered = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(1_000) })
    return answered.ok ? await answered.text() : ''
  } catch {
    return ''
  }
}
