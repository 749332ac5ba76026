import { type ServiceError, status } from '@grpc/grpc-js'
import { CallNotSent } from './call-not-sent.ts'

const neverSent = new WeakSet<Error>()

/**
 * The name that grpc-js gives the peer of a call that ended by its deadline. It does so for calls that were sent as well, but
 * only for those whose status is its own: a call that was answered has a peer.
 */
const UNKNOWN_PEER = 'unknown'
/** Words of grpc-js, for a call that waits for a connection. */
const WAITED = /Waiting for LB pick|waiting for name resolution/

/**
 * Notes of a failed call that no connection was ever given it, as the call itself shows. Not by the words of its status: those
 * may come from the other side, and from any proxy between.
 * @param peer of the call, when it has ended
 * @param channelTarget what the channel calls the peer of a call without a connection
 */
export function noteIfNeverSent(error: ServiceError, peer: string, channelTarget: string): void {
  const waited = peer === UNKNOWN_PEER && error.code === status.DEADLINE_EXCEEDED && WAITED.test(error.details)
  if (peer === channelTarget || waited) neverSent.add(error)
}

/** Reports whether a call provably did not leave this process: whatever its method, it took no effect. */
export function wasNeverSent(error: unknown): boolean {
  return error instanceof CallNotSent || (error instanceof Error && neverSent.has(error))
}
