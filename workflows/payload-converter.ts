import { type ConverterHint, DefaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common'

/**
 * The default converter, except that a workflow gets `undefined` for what can't be read: broken JSON, an encoding that
 * nobody here knows. The SDK's error would come before any code of ours, fail the workflow task instead of the run, and
 * do so again for ever: whoever may start a run could park it. `undefined` is refused like any other bad input.
 *
 * An activity's arguments and results are our own: there it throws, and the run waits for a worker that can read them.
 */
class ForgivingConverter extends DefaultPayloadConverter {
  override fromPayload<T>(payload: Payload, context?: SerializationContext, hint?: ConverterHint<T>): T {
    try {
      return super.fromPayload<T>(payload, context, hint)
    } catch (error) {
      if (context?.type !== 'workflow') throw error
      return undefined as T
    }
  }
}

/** The name by which the SDK looks for it in this file; composition/workflow-bundle.ts gives the path. */
export const payloadConverter = new ForgivingConverter()
