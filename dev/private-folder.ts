import { chmodSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Folder whose owner may be another account, and which PostgreSQL itself keeps closed. */
const POSTGRES = 'postgres'

/**
 * Makes a data folder and closes it to the machine's other accounts, with whatever an earlier release left open in it: histories and logs hold
 * names, phones and addresses. What this process and its children write from then on is closed as well.
 */
export function makePrivateFolder(dir: string): void {
  process.umask(0o077)
  mkdirSync(dir, { recursive: true })
  // Root's PostgreSQL runs as somebody else, who has to get through this folder without looking around in it.
  close(dir, process.getuid?.() === 0 ? 0o711 : 0o700)
}

function close(dir: string, mode: number): void {
  chmodSync(dir, mode)
  for (const one of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, one.name)
    if (one.isDirectory() && one.name !== POSTGRES) close(path, 0o700)
    else if (one.isFile()) chmodSync(path, 0o600)
  }
}
