import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One query of the dashboard. */
export interface PanelQuery {
  panel: string
  expr: string
}

interface Panel {
  title: string
  targets?: { expr: string }[]
}

/** Every query of deploy/grafana/order-saga.json. */
export async function panelQueries(): Promise<PanelQuery[]> {
  const file = join(import.meta.dirname, '../../deploy/grafana/order-saga.json')
  const { panels } = JSON.parse(await readFile(file, 'utf8')) as { panels: Panel[] }
  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ panel: title, expr })))
}
