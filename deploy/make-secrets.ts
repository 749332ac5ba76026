import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createTokenSigner } from '../dev/token-signer.ts'

/**
 * `npm run secrets`: makes the secrets of a trial by deploy/compose.yaml, in deploy/secrets, which git does not know. Those that are there stay.
 * Production has its own: a vault, an issuer of tokens. `--folder` and `--postgres host:port` are for another place than compose's.
 */
const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: join(import.meta.dirname, 'secrets') },
    postgres: { type: 'string', default: 'postgres:5432' },
  },
})
const FOLDER = options.folder
/** The user of the image (deploy/Containerfile). */
const IMAGE_USER = 10_001
const ISSUER = 'http://order-saga.test'
const AUDIENCE = 'order-saga'
const TOKENS_LAST = '30d'

/** Databases, by their owners. */
const DATABASES = { shop_owner: ['orders'], inventory: ['inventory'], temporal: ['temporal', 'temporal_visibility'] }
/** Accounts with the rights of a role that `migrate` fills. */
const MEMBERS = { shop_app_1: 'shop_app', operator_1: 'shop_operator' }

if (existsSync(FOLDER)) {
  console.log(`${FOLDER} is there already: remove it, and the volumes that were made with it, for new secrets`)
  process.exit()
}
// What other containers than ours read is open within the folder, since they run as users of their own; the folder is its owner's.
mkdirSync(FOLDER, { mode: 0o700 })
const password = () => randomBytes(24).toString('hex')
const passwords = Object.fromEntries(Object.keys({ ...DATABASES, ...MEMBERS }).map((account) => [account, password()]))
const url = (account: string, database: string) => `postgres://${account}:${passwords[account]}@${options.postgres}/${database}`

open('postgres-password', password())
open('temporal-password', passwords.temporal ?? '')
open('grafana-password', password())
open('accounts.sql', accounts())
ours('owner-database-url', url('shop_owner', 'orders'))
ours('app-database-url', url('shop_app_1', 'orders'))
ours('operator-database-url', url('operator_1', 'orders'))
ours('inventory-database-url', url('inventory', 'inventory'))
ours('fingerprint-keys', `trial ${randomBytes(32).toString('base64')}\n`)
await tokens()
if (process.getuid?.() !== 0)
  writeFileSync(join(import.meta.dirname, '.env'), `ORDER_SAGA_USER=${process.getuid?.()}:${process.getgid?.()}\n`)
console.log(`made the secrets of a trial in ${FOLDER}; tokens that last ${TOKENS_LAST}: shop-token, user-7-token`)

function accounts(): string {
  const account = (name: string) => `create role ${name} login password '${passwords[name]}'`
  return [
    ...Object.entries(DATABASES).flatMap(([owner, databases]) => [
      `${account(owner)};`,
      ...databases.map((database) => `create database ${database} owner ${owner};`),
    ]),
    ...Object.entries(MEMBERS).flatMap(([name, role]) => [`create role ${role};`, `${account(name)} in role ${role};`]),
    '',
  ].join('\n')
}

async function tokens(): Promise<void> {
  const { jwks, sign } = await createTokenSigner({ issuer: ISSUER, audience: AUDIENCE, lasts: TOKENS_LAST })
  open('jwks', jwks)
  ours('shop-token', await sign('shop', 'orders:any'))
  ours('user-7-token', await sign('7'))
}

/** A file that any user of a container may read that it is mounted into. */
function open(name: string, content: string): void {
  writeFileSync(join(FOLDER, name), content)
  chmodSync(join(FOLDER, name), 0o444)
}

/** A file of the image's user alone, as its programs ask for; without root the containers run as whoever made it. */
function ours(name: string, content: string): void {
  const file = join(FOLDER, name)
  writeFileSync(file, content)
  chmodSync(file, 0o400)
  if (process.getuid?.() === 0) chownSync(file, IMAGE_USER, IMAGE_USER)
}
