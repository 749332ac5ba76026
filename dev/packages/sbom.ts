import { licenceOf } from './licences.ts'
import { type LockedPackage, type Lockfile, productionPackages } from './locked-packages.ts'

/**
 * The bill of materials of a build (CycloneDX 1.5): what a machine in production installs, with checksums and licences. Made from
 * the lock file and nothing else, so that the same sources give the same document. `npm sbom --omit dev` is not used, because
 * it leaves out every package that some development package needs as well, among them all of Temporal's.
 */
export function sbomOf(project: { name: string; version: string; license: string }, lock: Lockfile) {
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        name: project.name,
        version: project.version,
        licenses: [{ expression: project.license }],
      },
    },
    components: productionPackages(lock).map(componentOf),
  }
}

function componentOf(locked: LockedPackage) {
  const { name, version, integrity = '', optional = false } = locked
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    scope: optional ? 'optional' : 'required',
    purl,
    hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex') }],
    licenses: [{ expression: licenceOf(locked) }],
  }
}
