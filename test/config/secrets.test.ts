import assert from 'node:assert/strict'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadStarterConfig } from '../../config/config.ts'
import { SECRETS, withSecretFiles } from '../../config/secret-files.ts'
import { type Environment, readSettings, type Setting } from '../../config/setting.ts'
import { SETTINGS } from '../../config/settings.ts'
import { unknownSettings } from '../../config/unknown-settings.ts'
import { tempDir } from '../support/temp-dir.ts'

/** Addresses that a password in them would not keep secret, because they are shown. */
const SHOWN = ['TEMPORAL_UI_URL']
const SECRET = 'hunter2-Pa55'
const TABLE = Object.entries<Setting>(SETTINGS)

describe('a secret among the settings', () => {
  let dir: string
  before(async () => {
    dir = await tempDir()
  })

  it('is every one that may hold a password, a token or a key', () => {
    const named = TABLE.map(([name]) => name).filter((name) => /(SECRET|TOKEN|PASSWORD|_KEY|_KEYS|_URL|IMPORT_\w+)$/.test(name))
    assert.deepEqual(
      named.filter((name) => !SECRETS.includes(name) && !SHOWN.includes(name)),
      [],
    )
  })

  it('may stand in a file, of which a last line break is no part', () => {
    for (const name of SECRETS) {
      for (const [ending, mode] of [
        ['', 0o400],
        ['\n', 0o600],
        ['\r\n', 0o600],
      ] as const) {
        const { env, problems } = withSecretFiles({ [`${name}_FILE`]: fileOf(`${SECRET}${ending}`, mode) })
        assert.deepEqual([env, problems], [{ [name]: SECRET }, []], name)
      }
    }
    const config = loadStarterConfig({
      DATABASE_URL_FILE: fileOf('postgres://orders@localhost/orders\n'),
      TEMPORAL_API_KEY_FILE: fileOf(SECRET),
      EVENTS_WEBHOOK_URL: 'https://shop.example/events',
      EVENTS_WEBHOOK_SECRET_FILE: fileOf(`whsec_${Buffer.alloc(32).toString('base64')}\n`),
    })
    assert.equal(config.databaseUrl, 'postgres://orders@localhost/orders')
    assert.equal(config.temporal.connection.apiKey, SECRET)
    assert.match(config.worker?.eventsWebhookSecret ?? '', /^whsec_/)
  })

  it('is refused in a file that others may use, that is empty or away, or beside the setting itself; no problem has it', () => {
    for (const name of SECRETS) {
      const refused: [Environment, RegExp][] = [
        [
          { [`${name}_FILE`]: fileOf(SECRET, 0o640) },
          /_FILE names a file that others than its owner may use \(its mode is 0640\)/,
        ],
        [
          { [`${name}_FILE`]: fileOf(SECRET, 0o604) },
          /_FILE names a file that others than its owner may use \(its mode is 0604\)/,
        ],
        [{ [`${name}_FILE`]: fileOf('\n') }, /_FILE names a file that is empty$/],
        [{ [`${name}_FILE`]: join(dir, SECRET) }, /_FILE names a file that can't be read \(ENOENT\)$/],
        [{ [`${name}_FILE`]: fileOf(SECRET), [name]: SECRET }, new RegExp(`_FILE and ${name} are both set: unset one of them$`)],
      ]
      for (const [env, problem] of refused) {
        const { problems } = withSecretFiles(env)
        assert.equal(problems.length, 1, name)
        assert.match(problems[0] ?? '', problem)
        assert.ok(problems[0]?.startsWith(`${name}_FILE `))
        assert.doesNotMatch(problems.join(), new RegExp(SECRET))
      }
    }
  })

  it('is in no problem with its text, whatever is wrong with it', () => {
    const wrong = [
      SECRET,
      `${SECRET} ${SECRET}`,
      `${SECRET}://a`,
      `http://me:${SECRET}@[`,
      `postgres//${SECRET}`,
      `whsec_${SECRET}`,
    ]
    for (const [name, setting] of TABLE) {
      if (!setting.secret) continue
      for (const text of wrong) {
        const { problems } = readSettings(SETTINGS, setting.readBy, { [name]: text })
        assert.doesNotMatch(problems.join('\n'), /hunter2|pa55/i, name)
      }
    }
  })

  it('is a header of calls to Temporal too, of whatever name', () => {
    const env = { DATABASE_URL: 'postgres://orders@localhost/orders', TEMPORAL_GRPC_META_X_TOKEN_FILE: fileOf(`${SECRET}\n`) }
    assert.deepEqual(loadStarterConfig(env).temporal.connection.metadata, { 'x-token': SECRET })
    const both = withSecretFiles({ ...env, TEMPORAL_GRPC_META_X_TOKEN: SECRET })
    assert.deepEqual(both.problems, [
      'TEMPORAL_GRPC_META_X_TOKEN_FILE and TEMPORAL_GRPC_META_X_TOKEN are both set: unset one of them',
    ])
  })

  it('is a header of traces too', () => {
    const { traces } = loadStarterConfig({
      DATABASE_URL: 'postgres://orders@localhost/orders',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector',
      OTEL_EXPORTER_OTLP_HEADERS_FILE: fileOf(`api-key=${SECRET}`),
      OTEL_EXPORTER_OTLP_TRACES_HEADERS_FILE: fileOf('x-team=orders\n'),
    })
    assert.deepEqual(traces?.headers, { 'api-key': SECRET, 'x-team': 'orders' })
  })

  it('has its form as a file in docs/settings.md', () => {
    const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8')
    assert.deepEqual(
      SECRETS.filter((name) => !page.includes(`\`${name}_FILE\``)),
      [],
    )
  })

  it('is known in its form as a file, and no other setting has that form', () => {
    const env = Object.fromEntries(SECRETS.map((name) => [`${name}_FILE`, fileOf(SECRET)]))
    assert.deepEqual(unknownSettings(withSecretFiles(env).env), [])
    assert.equal(unknownSettings(withSecretFiles({ HTTP_ADDR_FILE: '/run/x' }).env).length, 1)
  })

  let files = 0
  function fileOf(content: string, mode = 0o600): string {
    const path = join(dir, `secret-${++files}`)
    writeFileSync(path, content)
    chmodSync(path, mode)
    return path
  }
})
