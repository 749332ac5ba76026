import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const PROJECT = join(import.meta.dirname, '../..')

describe('the links of the alerts', () => {
  it('each lead to a heading of the runbook', async () => {
    const alerts = await readFile(join(PROJECT, 'deploy/prometheus/alerts.rules.yml'), 'utf8')
    const anchors = await anchorsOf('docs/runbook.md')
    const links = [...alerts.matchAll(/runbook_url: docs\/runbook\.md#(\S+)/g)].map(([, anchor = '']) => anchor)
    assert.equal(links.length, alerts.match(/- alert: /g)?.length)
    assert.deepEqual(
      links.filter((link) => !anchors.includes(link)),
      [],
    )
  })
})

/** Anchors of a document's headings, as GitHub makes them. */
async function anchorsOf(file: string): Promise<string[]> {
  const text = (await readFile(join(PROJECT, file), 'utf8')).replaceAll(/^```.*?^```$/gms, '')
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
