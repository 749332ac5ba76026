import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onEnd } from './on-end.ts'

/** A fresh folder of the system's temporary ones, removed after the last test of the run. */
export async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'order-saga-'))
  await chmod(dir, 0o711) // root's tests run PostgreSQL below it as somebody else
  onEnd(() => rm(dir, { recursive: true, force: true }))
  return dir
}
