import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { fetchGoModule } from '../../../../dev/programs/go-module.ts'

/**
 * `npm run helm:schemas`: writes anew what kubeconform goes by, one JSON schema for each kind that the chart makes. They follow from the OpenAPI documents of the
 * oldest Kubernetes that the chart supports (a version of an API that is stable loses no field later), and from the custom resources of the Prometheus operator.
 * Both come as Go modules. Left out are descriptions; fields that a schema does not name are refused.
 */
const KUBERNETES = {
  path: 'k8s.io/kubernetes',
  version: 'v1.30.14',
  sum: 'h1:MrlKXh9uhLIJpyxOeXhcndzRVSvwiV9iJ8NgH8nqPsg=',
}
const PROMETHEUS_OPERATOR = {
  path: 'github.com/prometheus-operator/prometheus-operator',
  version: 'v0.85.0',
  sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
}
const KINDS: [document: string, schema: string][] = [
  ['apis__apps__v1', 'io.k8s.api.apps.v1.Deployment'],
  ['apis__autoscaling__v2', 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler'],
  ['apis__batch__v1', 'io.k8s.api.batch.v1.Job'],
  ['apis__networking.k8s.io__v1', 'io.k8s.api.networking.v1.NetworkPolicy'],
  ['apis__policy__v1', 'io.k8s.api.policy.v1.PodDisruptionBudget'],
  ['api__v1', 'io.k8s.api.core.v1.Service'],
]
const CUSTOM_KINDS = ['servicemonitors', 'prometheusrules']

type Json = { [key: string]: unknown }

const openApi = join(await fetchGoModule(KUBERNETES), 'api/openapi-spec/v3')
for (const [document, name] of KINDS) {
  const { components } = JSON.parse(readFileSync(join(openApi, `${document}_openapi.json`), 'utf8'))
  const definitions: Json = {}
  /** Adds a definition, and those that it refers to. */
  const add = (wanted: string) => {
    if (wanted in definitions) return
    definitions[wanted] = {}
    definitions[wanted] = strict(components.schemas[wanted], add)
  }
  add(name)
  write(name.split('.').slice(-2).reverse().join('-'), { $ref: `#/definitions/${name}`, definitions })
}

const customResources = join(await fetchGoModule(PROMETHEUS_OPERATOR), 'example/prometheus-operator-crd')
for (const plural of CUSTOM_KINDS) {
  const { spec } = parse(readFileSync(join(customResources, `monitoring.coreos.com_${plural}.yaml`), 'utf8'))
  const { name, schema } = spec.versions[0]
  write(`${spec.names.kind}-${name}`, strict(schema.openAPIV3Schema, () => undefined) as Json)
}

/** A schema without what only people read, which names every field that there may be. */
function strict(schema: unknown, onRef: (name: string) => void): unknown {
  if (Array.isArray(schema)) return schema.map((one) => strict(one, onRef))
  if (typeof schema !== 'object' || schema === null) return schema
  const { $ref, format, ...rest } = schema as Json
  if (typeof $ref === 'string') {
    const name = $ref.replace('#/components/schemas/', '')
    onRef(name)
    return { $ref: `#/definitions/${name}` }
  }
  if (format === 'int-or-string' || rest['x-kubernetes-int-or-string']) return { type: ['integer', 'string'] }
  const entries = Object.entries(rest).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'description' || key === 'default' || key.startsWith('x-')) return []
    if (key === 'properties') {
      return [[key, Object.fromEntries(Object.entries(value as Json).map(([name, one]) => [name, strict(one, onRef)]))]]
    }
    return [[key, strict(value, onRef)]]
  })
  // A custom resource's metadata is an object of which its schema names nothing.
  const isClosed = 'properties' in rest && !('additionalProperties' in rest)
  return { ...Object.fromEntries(entries), ...(isClosed && { additionalProperties: false }) }
}

function write(name: string, schema: Json): void {
  mkdirSync(import.meta.dirname, { recursive: true })
  writeFileSync(join(import.meta.dirname, `${name.toLowerCase()}.json`), `${JSON.stringify(schema)}\n`)
}
