import { Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { CUT_AFTER_MS, GIVE_UP_AFTER_MS } from '../contracts/time-budget.ts'

/**
 * Milliseconds for which a connection that looks idle is kept: a request may be on its way through it, and closing it
 * then would leave its sender not knowing whether it was read.
 */
const LINGER_MS = 500
/** Stops an app so that no request which reached it stays without its answer. */
export class Drain {
  readonly #inFlight = new Set<FastifyRequest>()
  #draining = false
  #drained?: Promise<void>
  readonly #cutWaits: () => void
  #idle: () => void = () => {}

  /** @param cutWaits makes the requests that wait for their order answer now */
  constructor(cutWaits: () => void) {
    this.#cutWaits = cutWaits
  }

  get isDraining(): boolean {
    return this.#draining
  }

  /** Must come before the routes. */
  watch(app: FastifyInstance): void {
    app.addHook('onRequest', async (request, { raw }) => {
      this.#inFlight.add(request)
      // Not the hook onResponse: who hangs up gets none.
      raw.once('close', () => {
        this.#inFlight.delete(request)
        if (this.#inFlight.size === 0) this.#idle()
      })
    })
    app.addHook('onSend', async (_, reply) => {
      if (this.#draining) reply.header('connection', 'close')
    })
  }

  /** Comes back when everything is answered and closed; a second call joins the first and cuts the waits at once. */
  async stop(app: FastifyInstance): Promise<void> {
    if (this.#drained) this.#cutWaits()
    this.#drained ??= this.#stop(app)
    await this.#drained
  }

  async #stop(app: FastifyInstance): Promise<void> {
    this.#draining = true
    const cut = setTimeout(this.#cutWaits, CUT_AFTER_MS)
    // Not app.close() yet: it would close the idle connections at once.
    const ended = new Promise<void>((resolve) => Server.prototype.close.call(app.server, () => resolve()))
    await Promise.race([ended, sleep(LINGER_MS, undefined, { ref: false })])
    app.server.closeIdleConnections()
    await Promise.race([this.#answered(), sleep(GIVE_UP_AFTER_MS, undefined, { ref: false })])
    // What is left never sent a request, or hangs on after its answer.
    app.server.closeAllConnections()
    clearTimeout(cut)
    await ended
    await app.close()
  }

  async #answered(): Promise<void> {
    if (this.#inFlight.size === 0) return
    await new Promise<void>((resolve) => {
      this.#idle = resolve
    })
  }
}
