import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAllowed, licenceOf } from '../../dev/packages/licences.ts'
import { type LockEntry, type Lockfile, lockedPackages, productionPackages } from '../../dev/packages/locked-packages.ts'
import { sbomOf } from '../../dev/packages/sbom.ts'
import { CHECKSUMS } from '../../dev/programs/checksums.ts'
import { packagesTable } from '../support/packages-table.ts'

const PROJECT = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8')
const manifest = JSON.parse(read('package.json'))
const lock: Lockfile = JSON.parse(read('package-lock.json'))

/** Faults of the packages of a lock file, a line each. */
function faultsOf(checked: Lockfile): string[] {
  return lockedPackages(checked).flatMap((locked) => {
    const { path, version, integrity, resolved, hasInstallScript } = locked
    const faults = {
      'has no SHA-512': !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''),
      'has no exact version': !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version),
      'names the address that it comes from': resolved !== undefined,
      [`has a licence that is not allowed: ${licenceOf(locked) || 'none'}`]: !isAllowed(locked),
      'runs a script when it is installed, and package.json does not say whether it may':
        hasInstallScript && !isDecided(locked.name),
    }
    return Object.entries(faults).flatMap(([fault, holds]) => (holds ? [`${path} ${fault}`] : []))
  })
}

function isDecided(name: string): boolean {
  return Object.hasOwn(manifest.allowScripts, name)
}

/** The lock file with one package more. */
function with_(entry: LockEntry): Lockfile {
  const good = { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==`, license: 'MIT' }
  return { packages: { ...lock.packages, 'node_modules/added': { ...good, ...entry } } }
}

describe('the packages of package-lock.json', () => {
  it('all have a checksum and a licence that is allowed, come from where the machine says, and run scripts only if package.json says so', () => {
    assert.deepEqual(faultsOf(lock), [])
    assert.deepEqual(faultsOf(with_({})), [])
  })

  it('are found out if they lack one of that', () => {
    const wrong: [LockEntry, RegExp][] = [
      [{ integrity: undefined } as unknown as LockEntry, /added has no SHA-512/],
      [{ integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }, /added has no SHA-512/],
      [{ version: 'github:somebody/added' }, /added has no exact version/],
      [{ resolved: 'http://packages.example/added.tgz' }, /added names the address/],
      [{ license: 'GPL-3.0-only' }, /added has a licence that is not allowed: GPL-3.0-only/],
      [{ license: '(MIT AND GPL-3.0-only)' }, /not allowed/],
      [{ license: 'UNLICENSED' }, /not allowed/],
      [{ license: '' }, /not allowed: none/],
      [{ hasInstallScript: true }, /added runs a script/],
    ]
    for (const [entry, fault] of wrong) assert.match(faultsOf(with_(entry)).join('\n'), fault)
    assert.deepEqual(faultsOf(with_({ license: '(GPL-3.0-only OR MIT)' })), [])
  })

  it('of production are those that docs/supply-chain.md lists (npm run packages writes it)', () => {
    const [, table] = /<!-- packages -->\n(.*)\n<!-- \/packages -->/s.exec(read('docs/supply-chain.md')) ?? []
    assert.equal(table, packagesTable(lock))
  })

  it('of production hold nothing that only development needs', () => {
    const names = new Set(productionPackages(lock).map(({ name }) => name))
    const both = ['ajv', 'ajv-formats', '@grpc/proto-loader', '@types/node', 'yaml'] // packages of production need these as well
    for (const name of Object.keys(manifest.devDependencies)) assert.equal(names.has(name), both.includes(name), name)
    for (const name of Object.keys(manifest.dependencies)) assert.ok(names.has(name), name)
  })
})

describe('the bill of materials', () => {
  it('has each package of production once, by its package URL, SHA-512 and licence', () => {
    const { components } = sbomOf(manifest, lock)
    assert.equal(new Set(components.map(({ purl }) => purl)).size, components.length)
    assert.deepEqual(
      components.map(({ name, version }) => `${name}@${version}`),
      productionPackages(lock).map(({ name, version }) => `${name}@${version}`),
    )
    const worker = components.find(({ name }) => name === '@temporalio/worker')
    assert.equal(worker?.purl, `pkg:npm/%40temporalio/worker@${worker?.version}`)
    for (const { name, hashes, licenses } of components) {
      assert.match(hashes[0]?.content ?? '', /^[0-9a-f]{128}$/, name)
      assert.notEqual(licenses[0]?.expression, '', name)
    }
  })
})

describe('the programs that scripts download', () => {
  it('have a checksum for each platform that they are released for', () => {
    const [, wanted = ''] = /VERSION = '(.+)'/.exec(read('dev/programs/temporal-cli.ts')) ?? []
    assert.equal(Object.keys(CHECKSUMS).filter((name) => name.includes(wanted)).length, 10, wanted)
    for (const [name, checksum] of Object.entries(CHECKSUMS)) assert.match(checksum, /^[0-9a-f]{64}$/, name)
  })
})
