import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { programCommand } from '../../dev/processes/program-command.ts'
import { InventoryClient } from './inventory-client.ts'

const PROJECT = join(import.meta.dirname, '../..')

/** A reference Inventory as a process of its own, and a caller of it. */
export interface InventoryProcess {
  inventory: InventoryClient
  stop(): Promise<void>
}

/** @throws Error when it ends instead of saying where it listens */
export async function spawnInventory(databaseUrl: string): Promise<InventoryProcess> {
  const settings = { INVENTORY_ADDR: '127.0.0.1:0', INVENTORY_DATABASE_URL: databaseUrl }
  const { command, args, env } = programCommand('services/inventory/main.ts', { ...process.env, ...settings })
  const child = spawn(command, args, {
    cwd: PROJECT,
    env,
    // The end of the channel shows it that this process is gone.
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  })
  const ended = once(child, 'exit')
  for await (const line of createInterface(child.stdout as NonNullable<typeof child.stdout>)) {
    const [, address] = /^inventory listening on (\S+)$/.exec(line) ?? []
    if (!address) continue
    const inventory = new InventoryClient(address)
    return {
      inventory,
      async stop() {
        await inventory.stop()
        child.kill('SIGTERM')
        await ended
      },
    }
  }
  throw new Error(`the inventory ended with ${await ended} and never listened`)
}
