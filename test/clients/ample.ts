/** A deadline for calls that are answered, however slow and loaded the machine is. Milliseconds. */
export const AMPLE_MS = 60_000
