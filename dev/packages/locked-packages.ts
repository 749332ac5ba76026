/** package-lock.json as npm writes it (lockfileVersion 3), what of it is read here. */
export interface Lockfile {
  packages: Record<string, LockEntry>
}

export interface LockEntry {
  version?: string
  resolved?: string
  integrity?: string
  license?: string
  dev?: boolean
  optional?: boolean
  hasInstallScript?: boolean
}

/** A package that `npm ci` installs, on some platform at least. */
export interface LockedPackage extends LockEntry {
  /** Folder in the project; the same package may lie in several, in different versions. */
  path: string
  name: string
  version: string
}

/** The packages of a lock file in the order of their names, without the project itself. */
export function lockedPackages({ packages }: Lockfile): LockedPackage[] {
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, entry]) => ({ ...entry, path, name: nameOf(path), version: entry.version ?? '' }))
    .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1))
}

/** The packages that a machine in production has: those of `npm ci --omit=dev`, each once. */
export function productionPackages(lock: Lockfile): LockedPackage[] {
  const once = new Map(
    lockedPackages(lock)
      .filter(({ dev }) => !dev)
      .map((locked) => [`${locked.name}@${locked.version}`, locked]),
  )
  return [...once.values()]
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
