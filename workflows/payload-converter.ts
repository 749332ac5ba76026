import { type ConverterHint, DefaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common'
import { noteDoubled, Unreadable } from '../contracts/as-received.ts'
import { doubledMember } from '../contracts/doubled-members.ts'
import { keyIdOf } from '../contracts/encrypted-payload.ts'

/**
 * The default converter, except that a workflow gets an `Unreadable` for what can't be read: broken JSON, an encoding that
 * nobody here knows, raw bytes. The SDK's error would come before any code of ours, fail the workflow task instead of the run, and
 * do so again for ever: whoever may start a run could park it. An `Unreadable` is refused like any other bad input.
 *
 * An activity's arguments and results are our own: there it throws, and the run waits for a worker that can read them. So it does for what is encrypted by
 * a key of ours, which the codec ahead of it decrypts: it gets here only if the worker has no codec.
 */
class ForgivingConverter extends DefaultPayloadConverter {
  override fromPayload<T>(payload: Payload, context?: SerializationContext, hint?: ConverterHint<T>): T {
    if (keyIdOf(payload) !== undefined) throw new TypeError('an encrypted payload got to a workflow: its worker has no codec')
    if (context?.type !== 'workflow') return super.fromPayload<T>(payload, context, hint)
    try {
      const value = super.fromPayload<T>(payload, context, hint)
      if (ArrayBuffer.isView(value)) throw new TypeError('bytes are no JSON')
      const path = textIs(payload.metadata?.encoding, 'json/plain') ? doubledMember(textOf(payload.data)) : undefined
      if (path !== undefined) noteDoubled(value, path)
      return value
    } catch {
      return new Unreadable(problemOf(payload)) as T
    }
  }
}

/** The name of the encoding is the sender's: it is not repeated. */
function problemOf({ metadata }: Payload): string {
  return textIs(metadata?.encoding, 'json/plain')
    ? "can't be read: its encoding is json/plain, and it must be JSON in UTF-8"
    : "can't be read: its encoding must be json/plain, and it has another or none"
}

function textIs(bytes: Uint8Array | null | undefined, text: string): boolean {
  return textOf(bytes) === text
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array())
}

/** The name by which the SDK looks for it in this file; composition/workflow-bundle.ts gives the path. */
export const payloadConverter = new ForgivingConverter()
