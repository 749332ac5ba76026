import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'

/**
 * Removes from the packages of production what no program of the build loads: `node run.cjs deploy/image/shed-packages.ts FOLDER`, whose
 * node_modules `npm ci --omit=dev` has installed. The workflows are bundled by the build, so nothing that bundles is needed. The bill of materials in
 * its dist, if it has one, then lists what is left.
 */
const [folder] = process.argv.slice(2)
const PROJECT = resolve(folder ?? '')
const PACKAGES = join(PROJECT, 'node_modules')
if (!folder || !existsSync(PACKAGES) || existsSync(join(PACKAGES, 'typescript'))) {
  console.error('Name a folder in which `npm ci --omit=dev` has installed the packages of production, and those alone.')
  process.exit(2)
}

/** Packages on which Temporal's worker depends, and which only bundle workflows. */
const BUNDLING = ['@swc/core', 'memfs', 'source-map-loader', 'swc-loader', 'unionfs', 'webpack']
/** The ones of these that it loads at its start in any case: a stand-in takes their places. */
const LOADED = ['memfs', 'unionfs', 'webpack']
/** Temporal's native bridge has its own sources beside a library for each platform. */
const BRIDGE = join(PACKAGES, '@temporalio/core-bridge')
const BRIDGE_KEEPS = ['common.js', 'index.js', 'lib', 'package.json', 'releases']
/** Files that only people and compilers read; licences are kept. */
const READ_BY_NOBODY = /\.([cm]?tsx?|map|md|markdown|flow)$/

const before = sizeOfPackages()
shedPlatforms()
shedPackages()
for (const file of readdirSync(PACKAGES, { recursive: true, encoding: 'utf8' })) {
  if (READ_BY_NOBODY.test(file)) rmSync(join(PACKAGES, file), { recursive: true, force: true })
}
console.log(`${before}; left: ${sizeOfPackages()}`)
listWhatIsLeft(join(PROJECT, 'dist/sbom.cdx.json'))
for (const name of LOADED) standInFor(name)

function sizeOfPackages(): string {
  const files = readdirSync(PACKAGES, { recursive: true, encoding: 'utf8' }).map((file) => lstatSync(join(PACKAGES, file)))
  const bytes = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
  return `${installedBelow(PACKAGES).length} packages, ${Math.round(bytes / 1_000_000)} MB`
}

function shedPlatforms(): void {
  const { getPrebuiltTargetName } = createRequire(import.meta.url)(join(BRIDGE, 'common.js'))
  for (const part of readdirSync(BRIDGE)) if (!BRIDGE_KEEPS.includes(part)) rmSync(join(BRIDGE, part), { recursive: true })
  for (const platform of readdirSync(join(BRIDGE, 'releases'))) {
    if (platform !== getPrebuiltTargetName()) rmSync(join(BRIDGE, 'releases', platform), { recursive: true })
  }
}

/** Removes every package on which nothing depends once bundling is left out. */
function shedPackages(): void {
  const needed = new Set<string>()
  const look = (folder: string) => {
    if (needed.has(folder)) return
    needed.add(folder)
    for (const name of dependenciesOf(folder)) {
      const found = BUNDLING.includes(name) || name.startsWith('@types/') ? undefined : findPackage(name, folder)
      if (found) look(found)
    }
  }
  look(PROJECT)
  for (const folder of installedBelow(PACKAGES)) if (!needed.has(folder)) removeAround(folder, needed)
}

function dependenciesOf(folder: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
}

/** Finds a package as Node does: beside the one that asks, and further up. */
function findPackage(name: string, from: string): string | undefined {
  const found = join(from, 'node_modules', name)
  if (existsSync(join(found, 'package.json'))) return found
  return from === PROJECT ? undefined : findPackage(name, dirname(from))
}

/** Every installed package, those within others first. */
function installedBelow(packages: string): string[] {
  const names = readdirSync(packages).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(packages, name)).map((scoped) => join(name, scoped)) : [name],
  )
  return names
    .filter((name) => existsSync(join(packages, name, 'package.json')))
    .flatMap((name) => {
      const within = join(packages, name, 'node_modules')
      return [...(existsSync(within) ? installedBelow(within) : []), join(packages, name)]
    })
}

/** Removes a package, unless one within it is needed. */
function removeAround(folder: string, needed: Set<string>): void {
  if ([...needed].some((other) => other.startsWith(`${folder}/`))) return
  rmSync(folder, { recursive: true })
}

/** Shortens a bill of materials, if there is one, to the packages that are left: a scanner would warn of those that are not. */
function listWhatIsLeft(file: string): void {
  if (!existsSync(file)) return
  const left = new Set(
    installedBelow(PACKAGES).map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      return `${name}@${version}`
    }),
  )
  const bill = JSON.parse(readFileSync(file, 'utf8')) as { components: { name: string; version: string }[] }
  const components = bill.components.filter(({ name, version }) => left.has(`${name}@${version}`))
  writeFileSync(file, `${JSON.stringify({ ...bill, components }, null, 2)}\n`)
}

function standInFor(name: string): void {
  const folder = join(PACKAGES, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, main: 'index.js' }))
  writeFileSync(
    join(folder, 'index.js'),
    `// ${basename(folder)} is not here: the build has bundled the workflows.
const say = () => { throw new Error('the packages that bundle workflows are not here: set WORKFLOW_BUNDLE to the file that the build wrote') }
module.exports = new Proxy(say, { get: (_, name) => name === '__esModule' ? undefined : say, construct: say })
`,
  )
}
