import { Channel, type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js'
import { channelCredentials } from '../tls/channel-credentials.ts'
import { TlsFiles } from '../tls/tls-files.ts'
import type { ConnectionSettings, TlsSettings } from './connection-settings.ts'
import { healthChecked } from './health-balancer.ts'
import { authorityOf, parseTarget } from './target.ts'
import type { Watch } from './watch.ts'
import { watchConsul } from './watch-consul.ts'
import { watchNames } from './watch-names.ts'
import { watchedTarget } from './watched-resolver.ts'

/**
 * Opens a channel: balanced over all backends that its target stands for, which it follows for as long as it lives.
 * @param onWarning called with the reason why the backends can't be learned
 * @throws Error if the target is none, or the certificates are none
 */
export function openChannel(text: string, settings: ConnectionSettings, onWarning: (message: string) => void): Channel {
  const target = parseTarget(text)
  const watch =
    target.kind === 'consul'
      ? watchConsul(target, settings.consul)
      : watchNames(target.addresses, { everyMs: settings.resolveEveryMs })
  const resolved = watchedTarget(
    authorityOf(target),
    warned(watch, (reason) => onWarning(`the addresses of ${text} can't be learned: ${reason}`)),
  )
  const secured = credentialsOf(settings.tls, (reason) =>
    onWarning(`the certificates for ${text} can't be read again, those of before stay in use: ${reason}`),
  )
  return new Channel(resolved.target, secured, { ...channelOptions(settings), ...resolved.options })
}

function channelOptions(settings: ConnectionSettings): ChannelOptions {
  return {
    ...(settings.keepaliveTimeMs > 0 && { 'grpc.keepalive_time_ms': settings.keepaliveTimeMs }),
    'grpc.keepalive_timeout_ms': settings.keepaliveTimeoutMs,
    'grpc.keepalive_permit_without_calls': settings.keepaliveWithoutCalls ? 1 : 0,
    'grpc.max_receive_message_length': settings.maxMessageBytes,
    'grpc.max_send_message_length': settings.maxMessageBytes,
    // grpc-js would retry some failures by itself; Temporal is the one that retries here.
    'grpc.enable_retries': 0,
    // After an outage the next attempt must find the way: an order may wait 2 s for a service that is back, not 120.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.min_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    // Through a proxy there is one connection, to wherever it likes: nothing to balance.
    'grpc.enable_http_proxy': 0,
    'grpc.service_config': JSON.stringify({
      loadBalancingConfig: [healthChecked(settings.healthEveryMs, OUTLIER_DETECTION)],
    }),
    ...(settings.tls?.serverName && {
      'grpc.ssl_target_name_override': settings.tls.serverName,
      'grpc.default_authority': settings.tls.serverName,
    }),
  }
}

/**
 * A backend that fails nearly all of its calls, though it is connected and calls itself healthy, gets none for a while. Every
 * status but OK counts as a failure there, refusals too: hence a threshold that a wave of them does not reach, as the
 * Reback that follows a refused Sell succeeds. Half of the backends at most are left out.
 */
const OUTLIER_DETECTION = {
  outlier_detection: {
    // As objects: a text such as "5s" is refused, and every call goes to one backend.
    interval: { seconds: 5, nanos: 0 },
    base_ejection_time: { seconds: 10, nanos: 0 },
    max_ejection_time: { seconds: 60, nanos: 0 },
    max_ejection_percent: 50,
    failure_percentage_ejection: { threshold: 90, enforcement_percentage: 100, minimum_hosts: 2, request_volume: 10 },
    child_policy: [{ round_robin: {} }],
  },
}

function credentialsOf(tls: TlsSettings | undefined, onWarning: (reason: string) => void): ChannelCredentials {
  if (!tls) return credentials.createInsecure()
  const { ca, cert, key } = tls
  return channelCredentials(new TlsFiles({ ca, cert, key }, { changed() {}, failed: onWarning }))
}

function warned(watch: Watch, warn: (reason: string) => void): Watch {
  return (listener) =>
    watch({
      found: listener.found,
      failed(reason) {
        warn(reason)
        listener.failed(reason)
      },
    })
}
