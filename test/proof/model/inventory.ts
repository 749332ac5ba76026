import type { Safeguards } from './safeguards.ts'

/** The inventory's stock of the one goods, and its ledger by order number. Every order asks for one piece. */
export interface Inventory {
  stock: number
  ledger: readonly ('SOLD' | 'RETURNED' | undefined)[]
}

export interface Sold {
  inventory: Inventory
  refused: boolean
}

/** Twice is once; refused after a Reback, and if there is no stock. */
export function sell(inventory: Inventory, sn: number): Sold {
  const { stock, ledger } = inventory
  if (ledger[sn] === 'SOLD') return { inventory, refused: false }
  if (ledger[sn] === 'RETURNED' || stock === 0) return { inventory, refused: true }
  return { inventory: { stock: stock - 1, ledger: ledger.with(sn, 'SOLD') }, refused: false }
}

/** Twice is once; without a Sell it leaves a tombstone. Never refused. */
export function reback(inventory: Inventory, sn: number, safeguards: Safeguards): Inventory {
  const { stock, ledger } = inventory
  if (ledger[sn] === 'SOLD') return { stock: stock + 1, ledger: ledger.with(sn, 'RETURNED') }
  return safeguards.has('tombstone') ? { stock, ledger: ledger.with(sn, 'RETURNED') } : inventory
}
