import { SECRETS } from '../../config/secret-files.ts'
import type { Program, Setting } from '../../config/setting.ts'
import { fingerprintKeysFile, jwks, payloadKeysFile, pemFile, readableFile, tokensFile } from '../../config/setting-parsers.ts'
import { SETTINGS } from '../../config/settings.ts'
import { TEMPORAL_ENVIRONMENT } from '../../config/temporal-environment.ts'
import { KILLED_AFTER_MS } from '../../contracts/time-budget.ts'

/** The programs that the chart runs. */
const PROGRAMS: readonly Program[] = ['starter', 'worker', 'codec', 'migrate', 'register']
/** The programs that ask the Temporal server, or name its namespace. */
const OF_TEMPORAL: readonly Program[] = ['starter', 'worker', 'codec', 'register']
/** The programs that send traces. */
const TRACED: readonly Program[] = ['starter', 'worker']
/** Settings that are not a user's: the chart says where a container listens, the image what stands in it. */
const OF_THE_CHART = ['HTTP_ADDR', 'GRPC_ADDR', 'OPERATIONS_ADDR', 'METRICS_ADDR', 'CODEC_ADDR', 'WORKFLOW_BUNDLE']
const FILE_PARSERS: readonly unknown[] = [fingerprintKeysFile, jwks, payloadKeysFile, pemFile, readableFile, tokensFile]
/** A file in the cluster or an address: it stands among the settings as well. */
const FILE_OR_TEXT: readonly unknown[] = [jwks]

interface ChartSetting {
  name: string
  meaning: string
  readBy: readonly Program[]
  /** Groups of values in which it may stand. */
  groups: readonly Group[]
}

type Group = 'settings' | 'secrets' | 'files'

/** Every setting that a value of the chart may give to a program that the chart runs. */
function chartSettings(): ChartSetting[] {
  const ours = Object.entries<Setting>(SETTINGS).flatMap(([name, { meaning, secret, parse, readBy }]): ChartSetting[] => {
    const readers = PROGRAMS.filter((program) => readBy.includes(program))
    if (readers.length === 0 || OF_THE_CHART.includes(name)) return []
    const groups: Group[] = secret ? ['secrets'] : FILE_PARSERS.includes(parse) ? ['files'] : ['settings']
    if (FILE_OR_TEXT.includes(parse)) groups.push('settings')
    return [{ name, meaning, readBy: readers, groups }]
  })
  const temporals = TEMPORAL_ENVIRONMENT.flatMap((name): ChartSetting[] => {
    // A certificate comes as a file, and what the SDK for TypeScript does not know not at all.
    if (/_DATA$|_CODEC_|_DISABLE_/.test(name)) return []
    const group: Group = SECRETS.includes(name) ? 'secrets' : /_(PATH|FILE)$/.test(name) ? 'files' : 'settings'
    return [{ name, meaning: "Temporal's standard environment", readBy: OF_TEMPORAL, groups: [group] }]
  })
  const traces = SECRETS.filter((name) => name.startsWith('OTEL_')).map((name): ChartSetting => {
    return { name, meaning: "OpenTelemetry's standard environment", readBy: TRACED, groups: ['secrets'] }
  })
  return [...ours, ...temporals, ...traces]
}

/** Facts by which the templates of the chart go: deploy/helm/order-saga/files/settings.json. */
export function chartFacts() {
  const readers = chartSettings().map(({ name, readBy }) => [name, readBy] as const)
  return {
    writtenBy: 'npm run settings, from config/settings.ts and contracts/time-budget.ts',
    drainSeconds: KILLED_AFTER_MS / 1_000,
    readers: Object.fromEntries(readers),
  }
}

/** The definitions of deploy/helm/order-saga/values.schema.json that follow from the settings, one for each group of values. */
export function chartSchemas() {
  const all = chartSettings()
  const group = (name: Group, of: (meaning: string) => object) => ({
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      all.filter(({ groups }) => groups.includes(name)).map((setting) => [setting.name, of(setting.meaning)]),
    ),
  })
  return {
    settings: group('settings', (description) => ({ type: ['string', 'boolean', 'integer'], description })),
    secrets: group('secrets', (description) => ({ $ref: '#/$defs/secretKey', description })),
    files: group('files', (description) => ({ $ref: '#/$defs/fileKey', description })),
  }
}
