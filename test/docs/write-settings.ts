import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingsTable } from '../support/settings-table.ts'

/** `npm run settings`: writes the table of docs/settings.md anew, after a change of config/settings.ts. */
const file = join(import.meta.dirname, '../../docs/settings.md')
const page = readFileSync(file, 'utf8')
writeFileSync(
  file,
  page.replace(/(?<=<!-- settings -->\n).*(?=\n<!-- \/settings -->)/s, () => settingsTable()),
)
