import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

const HERE = import.meta.dirname

export const CHART = join(HERE, '../../../deploy/helm/order-saga')

/** Values under which the chart is held: a first look, as a shop runs it, and everything on. */
export const VALUE_SETS = ['minimal', 'production', 'everything'] as const
export type ValueSet = (typeof VALUE_SETS)[number]

export function valuesFile(set: ValueSet): string {
  return join(HERE, 'values', `${set}.yaml`)
}

/** File of what the chart makes of these values; `npm run helm:check -- --write` writes it. */
export function goldenFile(set: ValueSet): string {
  return join(HERE, 'golden', `${set}.yaml`)
}

/** An object of Kubernetes, as far as tests look into it. */
export interface KubeObject {
  kind: string
  metadata: { name: string; annotations?: Record<string, string> }
  // biome-ignore lint/suspicious/noExplicitAny: kubeconform holds it to its schema
  spec: any
}

export function goldenObjects(set: ValueSet): KubeObject[] {
  // Numbers that begin with 0 are octal, as Kubernetes reads them.
  return parseAllDocuments(readFileSync(goldenFile(set), 'utf8'), { version: '1.1' }).map((document) => document.toJS())
}

export function readYaml(file: string): unknown {
  return parse(readFileSync(file, 'utf8'))
}
