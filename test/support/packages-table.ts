import { licenceOf } from '../../dev/packages/licences.ts'
import { type Lockfile, productionPackages } from '../../dev/packages/locked-packages.ts'

/** The packages of production as docs/supply-chain.md lists them, between its `<!-- packages -->` markers. */
export function packagesTable(lock: Lockfile): string {
  const rows = productionPackages(lock).map((locked) => `| ${locked.name} | ${locked.version} | ${licenceOf(locked)} |`)
  return ['| Package | Version | Licence |', '|---|---|---|', ...rows].join('\n')
}
