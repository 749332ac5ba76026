import type { Recipient } from '../contracts/create-order.ts'
import { dataKeyIdIn } from '../contracts/sealed-recipient.ts'
import { decrypt, encrypt } from './aes-gcm.ts'

/** A data key, and its id. */
export interface DataKey {
  id: string
  key: Buffer
}

/** The order that a recipient belongs to: sealed for another order or user, it does not open. */
export interface SealedFor {
  userId: number
  orderSn: string
}

/** Encrypts a recipient by the data key of the order's user. Twice the same recipient is not twice the same text. */
export function seal({ address, name, mobile, post }: Recipient, { id, key }: DataKey, of: SealedFor): string {
  const plain = JSON.stringify({ address, name, mobile, post })
  return `s1.${id}.${encrypt(Buffer.from(plain), key, boundTo(of, id)).toString('base64url')}`
}

/** @throws Error if it was sealed by another key or for another order, or was altered */
export function unseal(sealed: string, { id, key }: DataKey, of: SealedFor): Recipient {
  const encrypted = Buffer.from(sealed.slice(sealed.lastIndexOf('.') + 1), 'base64url')
  if (dataKeyIdIn(sealed) !== id) throw new Error('a recipient is sealed by another data key')
  return JSON.parse(decrypt(encrypted, key, boundTo(of, id)).toString()) as Recipient
}

function boundTo({ userId, orderSn }: SealedFor, keyId: string): string {
  return `recipient\0${keyId}\0${userId}\0${orderSn}`
}
