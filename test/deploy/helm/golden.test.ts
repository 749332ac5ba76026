import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONTAINER_PROGRAMS } from '../../../composition/container-programs.ts'
import {
  loadCodecConfig,
  loadMigrateConfig,
  loadRegisterConfig,
  loadStarterConfig,
  loadWorkerConfig,
} from '../../../config/config.ts'
import type { Environment } from '../../../config/setting.ts'
import { KILLED_AFTER_MS } from '../../../contracts/time-budget.ts'
import { certificate } from '../../support/certificate.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { chartStamp, STAMP_FILE } from './chart-stamp.ts'
import { goldenObjects, type KubeObject, VALUE_SETS } from './value-sets.ts'

const LOADERS: Record<string, (env: Environment) => unknown> = {
  starter: loadStarterConfig,
  worker: loadWorkerConfig,
  codec: loadCodecConfig,
  migrate: loadMigrateConfig,
  register: loadRegisterConfig,
}
const MOUNTED = '/etc/order-saga/settings'
const KEY = Buffer.alloc(32, 7).toString('base64')
/** Contents of the Secrets and ConfigMaps, by the setting; one that is not here is a certificate, or its key. */
const CONTENTS: Record<string, string> = {
  DATABASE_URL: 'postgres://shop:secret@orders.shop/orders?sslmode=verify-full&sslrootcert=/etc/order-saga/extra/postgres-ca.pem',
  EVENTS_WEBHOOK_URL: 'https://shop.example/events',
  EVENTS_WEBHOOK_SECRET: `whsec_${KEY}`,
  TEMPORAL_API_KEY: 'key-of-temporal',
  CONSUL_HTTP_TOKEN: 'token-of-consul',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20token',
  AUTH_JWKS: '{"keys":[]}',
  PAYLOAD_KEYS_FILE: `k1 ${KEY}`,
  FINGERPRINT_KEYS_FILE: `k1 ${KEY}`,
  RECIPIENT_KEYS_FILE: `k1 ${KEY}`,
  CODEC_TOKENS_FILE: `anna ${KEY}`,
}

describe('the golden files of the Helm chart', () => {
  it('are of this chart (npm run helm:check -- --write writes them)', () => {
    assert.equal(readFileSync(STAMP_FILE, 'utf8'), chartStamp())
  })
})

for (const set of VALUE_SETS) {
  describe(`what the Helm chart makes of the values "${set}"`, () => {
    const objects = goldenObjects(set)
    const pods = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'Job').map((object) => podOf(object))

    it('is an environment for each program that the program itself accepts, and the files that it names are mounted', async () => {
      const dir = await tempDir()
      assert.ok(pods.length >= 4)
      for (const { container, spec } of pods) {
        assert.deepEqual(container.args, [container.name])
        assert.ok(CONTAINER_PROGRAMS[container.name], `the image has no program ${container.name}`)
        const load = LOADERS[container.name]
        assert.ok(load, container.name)
        const mounted = mountedFiles(spec)
        mkdirSync(join(dir, container.name))
        for (const name of mounted) {
          writeFileSync(join(dir, container.name, name), CONTENTS[name] ?? pem(name), { mode: 0o400 })
        }
        const env = Object.fromEntries(
          container.env.map(({ name, value }) => [name, value.replace(MOUNTED, join(dir, container.name))]),
        )
        assert.doesNotThrow(() => load(env), container.name)
        const named = container.env.flatMap(({ value }) => (value.startsWith(MOUNTED) ? [value.slice(MOUNTED.length + 1)] : []))
        assert.deepEqual(mounted.sort(), named.sort(), `${container.name} has the files that it names, and no other`)
      }
    })

    it('gives each pod longer than its drain and what comes before it', () => {
      const graces = objects
        .filter(({ kind }) => kind === 'Deployment')
        .map((object) => {
          const { container, spec } = podOf(object)
          return {
            name: container.name,
            grace: spec.terminationGracePeriodSeconds,
            before: container.lifecycle?.preStop.sleep.seconds ?? 0,
          }
        })
      for (const { name, grace, before } of graces.filter(({ name }) => name !== 'codec')) {
        assert.ok(grace * 1_000 > before * 1_000 + KILLED_AFTER_MS, `${name}: ${grace} s`)
      }
      assert.ok(
        graces.some(({ name, before }) => name === 'starter' && before > 0),
        'a starter that stops listens no more',
      )
    })

    it('migrates first, then registers, before anything of a build is there: its workers wait for both', () => {
      const jobs = objects
        .filter(({ kind }) => kind === 'Job')
        .map(({ metadata: { annotations = {} }, spec }) => {
          const { container } = podOf({ spec } as KubeObject)
          return [Number(annotations['helm.sh/hook-weight']), container.name, annotations['helm.sh/hook']]
        })
      assert.deepEqual(jobs.sort(), [
        [0, 'migrate', 'pre-install,pre-upgrade'],
        [5, 'register', 'pre-install,pre-upgrade'],
      ])
    })

    it('runs without rights: no root, no token, nothing to write but /tmp', () => {
      for (const { container, spec } of pods) {
        assert.equal(spec.automountServiceAccountToken, false)
        assert.equal(spec.serviceAccountName, undefined)
        const { runAsNonRoot, runAsUser, fsGroup, seccompProfile } = spec.securityContext
        assert.deepEqual([runAsNonRoot, seccompProfile.type], [true, 'RuntimeDefault'])
        assert.ok(runAsUser > 0 && fsGroup > 0)
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        const writable = container.volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath)
        assert.deepEqual(writable, ['/tmp'])
        assert.ok(container.resources.requests.memory && container.resources.limits.memory)
      }
    })

    it('keeps secrets from those who need none of them', () => {
      const files = Object.fromEntries(pods.map(({ container, spec }) => [container.name, mountedFiles(spec)]))
      assert.deepEqual(files.migrate, ['DATABASE_URL'])
      assert.ok(!files.register?.includes('DATABASE_URL'))
      assert.ok(!files.codec?.includes('DATABASE_URL'))
      const owner = (name: string) =>
        JSON.stringify(pods.find(({ container }) => container.name === name)?.spec).includes('owner-url')
      assert.deepEqual(['migrate', 'starter', 'worker'].map(owner), [true, false, false])
      for (const { spec } of pods) {
        for (const { projected } of spec.volumes) if (projected) assert.equal(projected.defaultMode, 0o440)
      }
    })

    it('has Prometheus ask starters and workers, by TLS if they have a certificate for it', () => {
      const asked = objects.flatMap(({ kind, spec }) => (kind === 'ServiceMonitor' ? spec.endpoints : []))
      if (asked.length === 0) return
      const encrypted = (name: string) =>
        pods.some(({ container }) => container.env.some((one) => one.name === `${name.toUpperCase()}_TLS_CERT_PATH`))
      assert.deepEqual(
        asked.map(({ port, scheme = 'http' }) => [port, scheme]).sort(),
        ['metrics', 'operations'].map((port) => [port, encrypted(port) ? 'https' : 'http']),
      )
    })

    it('opens ports that its policies, probes and Services name', () => {
      for (const { container } of pods) {
        const open = (container.ports ?? []).map(({ name }) => name)
        const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe].flatMap((probe) => probe ?? [])
        for (const { httpGet, tcpSocket } of probes) assert.ok(open.includes((httpGet ?? tcpSocket).port), container.name)
      }
      const all = new Set(pods.flatMap(({ container }) => (container.ports ?? []).map(({ name }) => name)))
      for (const { kind, spec } of objects) {
        if (kind === 'Service') for (const { targetPort } of spec.ports) assert.ok(all.has(targetPort), targetPort)
        if (kind !== 'NetworkPolicy') continue
        for (const { ports } of spec.ingress) for (const { port } of ports) assert.ok(all.has(port), port)
      }
    })
  })
}

function pem(setting: string): Buffer {
  return readFileSync(certificate(setting.includes('_KEY_') ? 'first.key' : 'first.pem'))
}

interface Container {
  name: string
  env: { name: string; value: string }[]
  volumeMounts: { mountPath: string; readOnly?: boolean }[]
  ports?: { name: string }[]
  // biome-ignore lint/suspicious/noExplicitAny: kubeconform holds it to its schema
  [field: string]: any
}

function podOf({ spec }: KubeObject): { spec: KubeObject['spec']; container: Container } {
  const pod = spec.template.spec
  return { spec: pod, container: pod.containers[0] }
}

/** Names of the files in the folder of settings. */
function mountedFiles(spec: KubeObject['spec']): string[] {
  const { projected } = spec.volumes.find(({ name }: { name: string }) => name === 'settings')
  return projected.sources.flatMap(({ secret, configMap }: Record<string, { items: { path: string }[] }>) =>
    (secret ?? configMap)?.items.map(({ path }) => path),
  )
}
