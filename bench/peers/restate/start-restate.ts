import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../dev/processes/ports.ts'

/** The server of this machine's kind, as the package `@restatedev/restate-server` has it. */
const PROGRAM = `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`

/**
 * Starts a Restate server of one node, whose log is this process's.
 * @param dir where it keeps its state
 * @throws Error if it ends by itself
 */
export async function startRestate(dir: string) {
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()]
  const args = ['--production', '--no-logo', '--auto-provision', 'true', '--base-dir', dir, '--node-name', 'bench']
  const server = spawn(createRequire(import.meta.url).resolve(PROGRAM), [...args, '--listen-mode', 'tcp'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
      RESTATE_LOG_FILTER: 'warn',
      DO_NOT_TRACK: '1',
    },
  })
  const exited = once(server, 'exit')
  const isUp = async () =>
    await Promise.all([fetch(`http://127.0.0.1:${admin}/health`), fetch(`http://127.0.0.1:${ingress}/restate/health`)]).then(
      (answers) => answers.every(({ ok }) => ok),
      () => false,
    )
  while (!(await isUp())) {
    if (server.exitCode !== null) throw new Error(`the Restate server ended with status ${server.exitCode}: see its log`)
    await sleep(100)
  }
  return {
    /** Base URL of its ingress. */
    ingress: `http://127.0.0.1:${ingress}`,
    /** Makes the services at this address known to it. */
    async register(uri: string): Promise<void> {
      const answer = await fetch(`http://127.0.0.1:${admin}/deployments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ uri }),
      })
      if (!answer.ok) throw new Error(`Restate took no deployment: ${answer.status} ${await answer.text()}`)
    },
    async stop(): Promise<void> {
      server.kill('SIGTERM')
      await exited
    },
  }
}
