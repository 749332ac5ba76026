import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartFacts, chartSchemas } from '../support/chart-settings.ts'
import { settingsTable } from '../support/settings-table.ts'

/** `npm run settings`: writes the table of docs/settings.md and the settings' part of the Helm chart anew, after a change of config/settings.ts. */
const project = join(import.meta.dirname, '../..')
const chart = join(project, 'deploy/helm/order-saga')
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

const file = join(project, 'docs/settings.md')
const page = readFileSync(file, 'utf8')
writeFileSync(
  file,
  page.replace(/(?<=<!-- settings -->\n).*(?=\n<!-- \/settings -->)/s, () => settingsTable()),
)

writeFileSync(join(chart, 'files/settings.json'), json(chartFacts()))
const schemaFile = join(chart, 'values.schema.json')
const schema = JSON.parse(readFileSync(schemaFile, 'utf8'))
writeFileSync(schemaFile, json({ ...schema, $defs: { ...schema.$defs, ...chartSchemas() } }))
