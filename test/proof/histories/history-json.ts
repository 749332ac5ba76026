import { createRequire } from 'node:module'
import type { History } from '@temporalio/common/lib/proto-utils.js'

/**
 * Histories as the Temporal CLI and web UI write them (proto JSON). The SDK's own historyToJSON and historyFromJSON do the
 * same, but throw "type must be a Type" if npm gave @temporalio/common another copy of protobufjs than @temporalio/proto
 * (1.24.0, as installed here): both have to come from one.
 */
interface ProtoJson {
  toJson(type: unknown, message: unknown): object
  fromJson(type: unknown, json: unknown, options: { ignoreUnknownFields: boolean }): History
}

const ofCommon = createRequire(createRequire(import.meta.url).resolve('@temporalio/common'))
const ofProto = createRequire(ofCommon.resolve('@temporalio/proto'))
const { toJson, fromJson } = ofProto('protobufjs/ext/protojson') as ProtoJson
const proto = ofCommon('@temporalio/proto')
const type = ofCommon('@temporalio/proto/lib/patch-protobuf-root')
  .patchProtobufRoot(proto)
  .lookupType('temporal.api.history.v1.History')

/** Stack traces hold paths of the machine, and no replay reads them. */
export function writeHistory(history: History): string {
  const json = JSON.stringify(toJson(type, type.fromObject(history)))
  return `${JSON.stringify(
    JSON.parse(json, (key, value) => (key === 'stackTrace' ? undefined : value)),
    null,
    1,
  )}\n`
}

/** @throws Error if it is no history */
export function readHistory(json: string): History {
  return fromJson(type, JSON.parse(json), { ignoreUnknownFields: true })
}
