import { cp, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { freePort } from '../../dev/processes/ports.ts'
import { spawnPart } from '../../dev/processes/spawn-part.ts'
import { onEnd } from '../support/on-end.ts'
import { prometheusTool } from '../support/promtool.ts'
import { tempDir } from '../support/temp-dir.ts'

const RULES = resolve(import.meta.dirname, '../../deploy/prometheus')

/** A sample of an instant query. */
export interface Sample {
  metric: Record<string, string>
  value: [time: number, value: string]
}

/** A rule as Prometheus loaded it; `query` is its expression. */
export interface Rule {
  name: string
  query: string
  type: 'recording' | 'alerting'
  health: string
}

export interface PrometheusServer {
  /** An instant query. @throws Error if Prometheus does not understand it */
  ask(expr: string): Promise<Sample[]>
  rules(): Promise<Rule[]>
}

/**
 * A real Prometheus with the rules of deploy/prometheus, which scrapes and judges every second, until the run is over.
 * @param targets `host:port` of each `/metrics`
 */
export async function startPrometheus(targets: string[]): Promise<PrometheusServer> {
  const dir = await tempDir()
  await cp(RULES, dir, { recursive: true })
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['recording.rules.yml', 'alerts.rules.yml'],
    scrape_configs: [{ job_name: 'order-saga', static_configs: [{ targets }] }],
  }
  await writeFile(join(dir, 'prometheus.yml'), JSON.stringify(config)) // JSON is YAML
  const address = `127.0.0.1:${await freePort()}`
  const part = await spawnPart({
    name: 'prometheus',
    command: prometheusTool('prometheus'),
    args: ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${address}`, '--log.level=warn'],
    cwd: dir,
    logFile: join(dir, 'prometheus.log'),
    isHealthy: async () => (await fetch(`http://${address}/-/ready`)).ok,
  })
  onEnd(() => part.stop())
  async function get<T>(path: string): Promise<T> {
    const answer = (await (await fetch(`http://${address}/api/v1/${path}`)).json()) as { data?: T; error?: string }
    if (!answer.data) throw new Error(`${path}: ${answer.error}`)
    return answer.data
  }
  return {
    ask: async (expr) => (await get<{ result: Sample[] }>(`query?${new URLSearchParams({ query: expr })}`)).result,
    rules: async () => (await get<{ groups: { rules: Rule[] }[] }>('rules')).groups.flatMap(({ rules }) => rules),
  }
}
