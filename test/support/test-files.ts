import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Every test file, by its path from the project's root. */
export async function testFiles(): Promise<string[]> {
  const found = await readdir(join(import.meta.dirname, '..'), { recursive: true, withFileTypes: true })
  return found
    .filter(({ name }) => name.endsWith('.test.ts'))
    .map(({ parentPath, name }) => relative(join(import.meta.dirname, '../..'), join(parentPath, name)))
    .sort()
}
