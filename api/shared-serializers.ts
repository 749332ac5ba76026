import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifyServerOptions } from 'fastify'

type BuildSerializer = NonNullable<
  NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>['buildSerializer']
>

/**
 * Returns what makes the serializers of an app's answers, one for each schema. Fastify by itself makes one for each status of each route, and reads
 * all components for each: most are the same problem, and a start would take a processor a second longer.
 */
export function sharedSerializers(): BuildSerializer {
  const made = new Map<string, ReturnType<ReturnType<BuildSerializer>>>()
  // Called for each route anew, with the same components: a name stands for one of them.
  return (components, options) => {
    const make = SerializerSelector()(components, options as never)
    return (answer) => {
      const schema = JSON.stringify(answer.schema)
      const serializer = made.get(schema) ?? make(answer as never)
      made.set(schema, serializer)
      return serializer
    }
  }
}
