import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { anchorsOf } from '../docs/anchors.ts'

const PROJECT = join(import.meta.dirname, '../..')

describe('the links of the alerts', () => {
  it('each lead to a heading of the runbook', async () => {
    const alerts = await readFile(join(PROJECT, 'deploy/prometheus/alerts.rules.yml'), 'utf8')
    const anchors = anchorsOf(await readFile(join(PROJECT, 'docs/runbook.md'), 'utf8'))
    const links = [...alerts.matchAll(/runbook_url: docs\/runbook\.md#(\S+)/g)].map(([, anchor = '']) => anchor)
    assert.equal(links.length, alerts.match(/- alert: /g)?.length)
    assert.deepEqual(
      links.filter((link) => !anchors.includes(link)),
      [],
    )
  })
})
