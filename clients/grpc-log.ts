import { setLogger } from '@grpc/grpc-js'

/** The line that grpc-js writes each time that a server answers its pings by GOAWAY "too_many_pings". */
const EXCESS_PINGS = /^Connection to (?:watched:)?(\S+) at (\S+) rejected by server because of excess pings/

/**
 * Sends what grpc-js has to say to a log of ours; it writes to stderr otherwise. A backend that wants fewer pings is reported
 * once: grpc-js doubles the interval with each GOAWAY until the backend is content.
 */
export function logGrpcBy(onWarning: (message: string) => void): void {
  const told = new Set<string>()
  setLogger({
    error(message: unknown) {
      const [, target, backend] = EXCESS_PINGS.exec(String(message)) ?? []
      if (!target || !backend) return onWarning(String(message))
      if (told.has(backend)) return
      told.add(backend)
      onWarning(
        `${target} at ${backend} closed its connection because of too many pings: they become rarer until it is content. ` +
          'Raise GRPC_KEEPALIVE_TIME_MS, or permit more in that server',
      )
    },
  })
}
