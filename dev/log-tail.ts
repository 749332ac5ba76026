import { readFile } from 'node:fs/promises'

/** The last lines of a log, for a message about why something did not start. */
export async function logTail(file: string, lines = 15): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return `${file} ends with:\n${text.trimEnd().split('\n').slice(-lines).join('\n')}`
}
