import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../contracts/reason-of.ts'
import { type Address, addressText } from './address.ts'
import { askConsul, type ConsulAccess } from './ask-consul.ts'

/** One instance of a service, as others are to find it. */
export interface Instance {
  /** Base URL of the HTTP API of the Consul agent that announces the instance and checks its health. */
  agent: string
  service: string
  tags: readonly string[]
  /** Address at which both the callers and the agent reach the instance. */
  address: Address
  /** True if the instance takes gRPC calls over TLS alone. */
  tls: boolean
  /** A token may write the service. */
  access?: ConsulAccess
}

export interface RegistrationListener {
  registered(): void
  /** Called once each time that the agent begins to be out of reach or to refuse. Attempts go on. */
  failed(reason: string): void
}

export interface Registration {
  /**
   * Takes the instance out of Consul, and ends the attempts to put it in.
   * @returns why the agent was not reached, within 4 s; the agent removes the instance itself then, once its checks fail for long enough
   */
  end(): Promise<string | undefined>
}

/** Time between two health checks by the agent, and for which they fail before it removes the instance (docs/origin.md). */
const CHECK_EVERY = '5s'
const REMOVED_AFTER = '10s'
/** Time between two looks at whether the agent still has the instance; an agent that was restarted may have lost it. */
const LOOK_EVERY_MS = 5_000
const RETRY_MS = 1_000
/** One request to an agent, which stands nearby. */
const ANSWER_MS = 2_000

/**
 * Keeps one instance registered with a Consul agent (`PUT /v1/agent/service/register`) until it is ended: puts it in again if the agent
 * has forgotten or removed it, and tries for as long as the agent is away. The id is made of name and address: an instance
 * that was killed and comes back replaces what it left behind.
 */
export function registerInConsul(instance: Instance, listener: RegistrationListener): Registration {
  const { agent, service, tags, address, tls, access = {} } = instance
  const at = addressText(address)
  const id = `${service}-${at}`
  const definition = {
    ID: id,
    Name: service,
    Tags: tags,
    Address: address.host,
    Port: address.port,
    Check: {
      GRPC: at,
      ...(tls && { GRPCUseTLS: true }),
      Interval: CHECK_EVERY,
      Timeout: CHECK_EVERY,
      DeregisterCriticalServiceAfter: REMOVED_AFTER,
    },
  }

  async function ask(method: 'GET' | 'PUT', path: string, body?: object): Promise<number> {
    const url = new URL(`/v1/agent/service/${path}`, agent)
    const { status } = await askConsul(url, access, { method, ...(body && { body }), signal: AbortSignal.timeout(ANSWER_MS) })
    if (status !== 200 && status !== 404) throw new Error(`the Consul agent answered status ${status}`)
    return status
  }

  async function register(): Promise<void> {
    if ((await ask('PUT', 'register', definition)) === 404) throw new Error('this is no Consul agent: it answered status 404')
    listener.registered()
  }

  const stopping = new AbortController()
  const { signal } = stopping
  async function keep(): Promise<void> {
    let wasRegistered = false
    let failing = false
    while (!signal.aborted) {
      try {
        // Whatever an earlier process left under this id is replaced first.
        if (!wasRegistered || (await ask('GET', encodeURIComponent(id))) === 404) await register()
        wasRegistered = true
        failing = false
      } catch (error) {
        if (!failing) listener.failed(reasonOf(error))
        failing = true
      }
      // The end of the registration cuts the pause short.
      await sleep(failing ? RETRY_MS : LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => {})
    }
  }
  const kept = keep()

  return {
    async end() {
      stopping.abort()
      // A registration under way would arrive behind the deregistration.
      await kept
      try {
        await ask('PUT', `deregister/${encodeURIComponent(id)}`)
        return undefined
      } catch (error) {
        return reasonOf(error)
      }
    },
  }
}
