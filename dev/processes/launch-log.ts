import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A log that grew beyond this is set aside as `.1` when its process starts again. Bytes. */
const MAX_SIZE = 10_000_000
/** This much of a log stands in a message about why something did not start. */
const LINES = 15

/** The log of one launch of a process, behind what earlier launches left in the same file. */
export interface LaunchLog {
  /** File for the process's stdout and stderr, to be closed when the process has been started. */
  fd: number
  close(): Promise<void>
  /** Bytes that this launch wrote until now. */
  size(): Promise<number>
  /** `FILE ends with:` and the last lines of this launch, or that it wrote none. */
  tail(): Promise<string>
}

/** Opens a log file for one launch; its folder is made when absent. */
export async function openLaunchLog(file: string): Promise<LaunchLog> {
  await mkdir(dirname(file), { recursive: true })
  if ((await sizeOf(file)) > MAX_SIZE) await rename(file, `${file}.1`)
  const from = await sizeOf(file)
  const output = await open(file, 'a', 0o600)
  return {
    fd: output.fd,
    close: () => output.close(),
    size: async () => (await sizeOf(file)) - from,
    async tail() {
      const text = (await textFrom(file, from)).trimEnd()
      return text ? `${file} ends with:\n${text.split('\n').slice(-LINES).join('\n')}` : `it wrote nothing into ${file}`
    },
  }
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

async function textFrom(file: string, from: number): Promise<string> {
  const input = await open(file)
  try {
    const { size } = await input.stat()
    const { buffer, bytesRead } = await input.read(Buffer.alloc(Math.max(0, size - from)), 0, null, from)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await input.close()
  }
}
