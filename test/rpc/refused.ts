import assert from 'node:assert/strict'
import { type ServiceError, status } from '@grpc/grpc-js'
import { errorInfoOf } from '../../clients/error-info.ts'
import type { Door } from './door.ts'

/** Calls a method that has to be refused, and compares status, text and reason. @returns what the ErrorInfo says beside that */
export async function refused(
  door: Door,
  method: Parameters<Door['call']>[0],
  fields: object,
  [code, text, reason]: [keyof typeof status, string, string],
  options: Parameters<Door['call']>[2] = {},
): Promise<Record<string, string>> {
  const asked = `${method} ${JSON.stringify(fields).slice(0, 200)}`
  const error = await door.call(method, fields, options).then(
    (response) => assert.fail(`${asked} was answered ${JSON.stringify(response)}`),
    (error: ServiceError) => error,
  )
  const info = errorInfoOf(error)
  assert.deepEqual([status[error.code], error.details, info?.reason], [code, text, reason], asked)
  assert.match(info?.metadata.code ?? '', /^100\d\d$/)
  return info?.metadata ?? {}
}
