import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packagesTable } from '../support/packages-table.ts'

/** `npm run packages`: writes the table of docs/supply-chain.md anew, after a change of package-lock.json. */
const PROJECT = join(import.meta.dirname, '../..')
const file = join(PROJECT, 'docs/supply-chain.md')
const page = readFileSync(file, 'utf8')
const lock = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8'))
writeFileSync(
  file,
  page.replace(/(?<=<!-- packages -->\n).*(?=\n<!-- \/packages -->)/s, () => packagesTable(lock)),
)
