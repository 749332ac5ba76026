import {
  type ChannelOptions,
  connectivityState,
  credentials,
  experimental,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { HEALTH_CHECK_MS } from '../contracts/time-budget.ts'
import {
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus,
  HealthClient,
} from '../proto/generated/grpc/health/v1/health.ts'

const POLICY = 'order_saga_health'
/**
 * Number of checks in a row without an answer that count. One alone may be our own fault, if this process was too busy to read
 * it.
 */
const MISSES = 2

/** Every failure of a call that found no backend begins so: it was not sent (activities/stock-answers.ts relies on it). */
const NOT_CONNECTED = 'not connected'

/** A backend whose health is asked for over its own connection, by grpc.health.v1, for as long as it is connected. */
class CheckedSubchannel extends experimental.BaseSubchannelWrapper {
  readonly #everyMs: number
  readonly #serving: Map<string, boolean>
  readonly #health: HealthClient
  #next: NodeJS.Timeout | undefined
  #misses = 0

  /** @param serving by address: what is known outlives this object, which is made anew whenever the addresses change */
  constructor(child: experimental.SubchannelInterface, everyMs: number, serving: Map<string, boolean>) {
    super(child)
    this.#everyMs = everyMs
    this.#serving = serving
    this.#health = new HealthClient(child.getAddress(), credentials.createInsecure(), { channelOverride: child.getChannel() })
    this.setHealthy(serving.get(child.getAddress()) ?? true)
    child.addConnectivityStateListener(this.#onState)
    if (child.getConnectivityState() === connectivityState.READY) this.#check()
  }

  protected override destroy(): void {
    super.destroy()
    clearTimeout(this.#next)
    this.child.removeConnectivityStateListener(this.#onState)
  }

  readonly #onState: experimental.ConnectivityStateListener = (_child, _previous, state) => {
    clearTimeout(this.#next)
    if (state === connectivityState.READY) this.#check()
  }

  #check(): void {
    this.#next = setTimeout(() => this.#check(), Math.max(this.#everyMs, HEALTH_CHECK_MS)).unref()
    // Not by a deadline of the call: grpc-js would hold a timer for it even after its end.
    const late = setTimeout(() => call.cancel(), HEALTH_CHECK_MS).unref()
    const call = this.#health.check(
      { service: '' },
      new Metadata(),
      (error: ServiceError | null, answer?: HealthCheckResponse) => {
        clearTimeout(late)
        this.#judge(error, answer)
      },
    )
  }

  /**
   * A check that got no answer, and a connection that broke meanwhile, leave what is known of the backend as it is. Any other error is an
   * answer that proves nothing against it: it may have no health service at all.
   */
  #judge(error: ServiceError | null, answer?: HealthCheckResponse): void {
    const isMissed = error?.code === status.CANCELLED
    this.#misses = isMissed ? this.#misses + 1 : 0
    const known = this.#serving.get(this.child.getAddress()) ?? true
    const serving = error
      ? this.#misses < MISSES && (known || !(isMissed || error.code === status.UNAVAILABLE))
      : answer?.status === HealthCheckResponse_ServingStatus.SERVING
    this.#serving.set(this.child.getAddress(), serving)
    this.setHealthy(serving)
  }
}

class HealthConfig implements experimental.TypedLoadBalancingConfig {
  readonly child: experimental.TypedLoadBalancingConfig
  readonly everyMs: number

  constructor(child: experimental.TypedLoadBalancingConfig, everyMs: number) {
    this.child = child
    this.everyMs = everyMs
  }

  getLoadBalancerName(): string {
    return POLICY
  }

  toJsonObject(): object {
    return { [POLICY]: { every_ms: this.everyMs, child_policy: [this.child.toJsonObject()] } }
  }

  static createFromJson({
    every_ms: everyMs,
    child_policy: policies,
  }: ReturnType<typeof healthChecked>[typeof POLICY]): HealthConfig {
    const child = experimental.selectLbConfigFromList(policies as never)
    if (!child) throw new Error(`${POLICY}: no child policy is known`)
    return new HealthConfig(child, everyMs)
  }
}

/**
 * Client-side health checking, which grpc-js lacks: backends that do not serve are kept from the policy below, which balances
 * over the others. When none is left, calls fail with UNAVAILABLE "not connected: …".
 */
class HealthBalancer implements experimental.LoadBalancer {
  readonly #child: experimental.ChildLoadBalancerHandler
  readonly #serving = new Map<string, boolean>()
  #everyMs = 0

  constructor(helper: experimental.ChannelControlHelper) {
    this.#child = new experimental.ChildLoadBalancerHandler(
      experimental.createChildChannelControlHelper(helper, {
        createSubchannel: (address, args) => {
          const subchannel = helper.createSubchannel(address, args)
          return this.#everyMs > 0 ? new CheckedSubchannel(subchannel, this.#everyMs, this.#serving) : subchannel
        },
        updateState: (state, picker, reason) => {
          const details = `${NOT_CONNECTED}: ${reason ?? 'no backend is known'}`
          const failing = state === connectivityState.TRANSIENT_FAILURE
          helper.updateState(
            state,
            failing ? new experimental.UnavailablePicker({ code: status.UNAVAILABLE, details }) : picker,
            reason,
          )
        },
      }),
    )
  }

  updateAddressList(
    endpoints: experimental.StatusOr<experimental.Endpoint[]>,
    config: experimental.TypedLoadBalancingConfig,
    options: ChannelOptions,
    note: string,
  ): boolean {
    if (!(config instanceof HealthConfig)) return false
    this.#everyMs = config.everyMs
    if (endpoints.ok) {
      const listed = endpoints.value.flatMap(({ addresses }) => addresses.map(experimental.subchannelAddressToString))
      for (const address of this.#serving.keys()) if (!listed.includes(address)) this.#serving.delete(address)
    }
    return this.#child.updateAddressList(endpoints, config.child, options, note)
  }

  exitIdle(): void {
    this.#child.exitIdle()
  }

  resetBackoff(): void {
    this.#child.resetBackoff()
  }

  destroy(): void {
    this.#child.destroy()
  }

  getTypeName(): string {
    return POLICY
  }
}

experimental.registerLoadBalancerType(POLICY, HealthBalancer, HealthConfig)

/** The entry of a service config that puts health checks above another policy. @param everyMs between two checks; 0 for none */
export function healthChecked(everyMs: number, child: object) {
  return { [POLICY]: { every_ms: everyMs, child_policy: [child] } } as const
}
