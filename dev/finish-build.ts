import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { sbomOf } from './packages/sbom.ts'

const PROJECT = join(import.meta.dirname, '..')
/** Folder of the build: the first argument, or `dist/`. */
const DIST = resolve(process.argv[2] ?? join(PROJECT, 'dist'))
const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
const { engines, scripts } = manifest
const lock = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8'))

/** The second step of `npm run build`: what stands beside the compiled modules. */
cpSync(join(PROJECT, 'proto/generated/descriptors.binpb'), join(DIST, 'proto/generated/descriptors.binpb'))
writeFileSync(join(DIST, 'sbom.cdx.json'), `${JSON.stringify(sbomOf(manifest, lock), null, 2)}\n`)
for (const program of programs()) putDoorBefore(join(DIST, program))

/** The programs that npm scripts run and the build has compiled, and each `main` below services/, without `.ts`. */
function programs(): string[] {
  const found = Object.values<string>(scripts).flatMap((script) => [
    ...script.matchAll(/node (?:run\.cjs |dist\/)(\S+)\.[jt]s\b/g),
  ])
  const scripted = found.map(([, program = '']) => program).filter((program) => !/^(bench|deploy|dev|test)\//.test(program))
  const services = readdirSync(join(DIST, 'services')).map((service) => `services/${service}/main`)
  return [...scripted, ...services.filter((program) => existsSync(join(DIST, `${program}.js`)))]
}

/**
 * Puts a file in a program's place that a Node of any age can read, as run.cjs does it for the sources: one that is too old says so instead
 * of failing somewhere in the program, which is imported only behind that.
 */
function putDoorBefore(path: string): void {
  const [needed] = /\d.*/.exec(engines.node) ?? []
  if (!needed) throw new Error('engines.node of package.json names no version')
  const [major, minor] = needed.split('.')
  renameSync(`${path}.js`, `${path}.main.js`)
  writeFileSync(
    `${path}.js`,
    `// Written by npm run build. Nothing newer than Node 10 stands here, and nothing is imported before the check.
const version = process.versions.node.split('.').map(Number)
if (version[0] < ${major} || (version[0] === ${major} && version[1] < ${minor})) {
  console.error('Node ${needed} or newer is needed, this is ' + process.versions.node + ': install another, or choose it (nvm use)')
  process.exit(1)
}
import('./${basename(path)}.main.js')
`,
  )
}
