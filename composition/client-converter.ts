import type { DataConverter } from '@temporalio/common'
import { PayloadCodec } from '../codec/payload-codec.ts'
import { readPayloadKeys } from '../codec/payload-keys.ts'
import { ReloadedFile } from '../codec/reloaded-file.ts'
import type { RegisterConfig } from '../config/config.ts'

type Settings = Pick<RegisterConfig, 'payloadKeysFile' | 'payloadEncryption' | 'temporal'>
/** Reports a file of keys that was changed and is wrong now. */
type Warn = (message: string) => void

/**
 * Returns the converter by which a client of Temporal reads and writes payloads. Each client has it, also if payloads are not encrypted: what others
 * have encrypted is then no garbage to it, and waits.
 */
export function clientConverter(settings: Settings, warn: Warn): DataConverter {
  return { payloadCodecs: [payloadCodec(settings, warn)] }
}

/** Makes the codec of one namespace, over the file of keys if there is one. */
export function payloadCodec({ payloadKeysFile, payloadEncryption, temporal }: Settings, warn: Warn): PayloadCodec {
  const onProblem = (problem: string) => warn(`the keys of before stay in use: PAYLOAD_KEYS_FILE ${problem}`)
  const keys = payloadKeysFile === undefined ? undefined : new ReloadedFile(payloadKeysFile, readPayloadKeys, onProblem)
  return new PayloadCodec({ keys, encrypts: payloadEncryption === 'encode', namespace: temporal.namespace })
}
