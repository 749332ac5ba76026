import type { Mutation } from './mutation.ts'
import { ACTIVITY_SAFEGUARDS } from './safeguards/activities.ts'
import { API_SAFEGUARDS } from './safeguards/api.ts'
import { ARCHIVE_SAFEGUARDS } from './safeguards/archive.ts'
import { ATTENDANCE_SAFEGUARDS } from './safeguards/attendance.ts'
import { CART_SAFEGUARDS } from './safeguards/carts.ts'
import { CODEC_SAFEGUARDS } from './safeguards/codec.ts'
import { CONTRACT_SAFEGUARDS } from './safeguards/contracts.ts'
import { DOUBT_SAFEGUARDS } from './safeguards/doubts.ts'
import { EFFECT_SAFEGUARDS } from './safeguards/effects.ts'
import { EVENT_SAFEGUARDS } from './safeguards/events.ts'
import { IDENTITY_SAFEGUARDS } from './safeguards/identity.ts'
import { IMPORT_SAFEGUARDS } from './safeguards/import.ts'
import { INVENTORY_SAFEGUARDS } from './safeguards/inventory.ts'
import { LIFE_SAFEGUARDS } from './safeguards/life.ts'
import { LIMIT_SAFEGUARDS } from './safeguards/limits.ts'
import { RPC_SAFEGUARDS } from './safeguards/rpc.ts'
import { STORE_SAFEGUARDS } from './safeguards/store.ts'
import { TLS_SAFEGUARDS } from './safeguards/tls.ts'
import { TRANSITION_SAFEGUARDS } from './safeguards/transitions.ts'
import { WORKFLOW_SAFEGUARDS } from './safeguards/workflows.ts'

/** Every line of which somebody would lose stock, money or an order, and what has to notice its removal. */
export const SAFEGUARDS: readonly Mutation[] = [
  ...TRANSITION_SAFEGUARDS,
  ...LIFE_SAFEGUARDS,
  ...EVENT_SAFEGUARDS,
  ...STORE_SAFEGUARDS,
  ...ARCHIVE_SAFEGUARDS,
  ...CART_SAFEGUARDS,
  ...ACTIVITY_SAFEGUARDS,
  ...EFFECT_SAFEGUARDS,
  ...DOUBT_SAFEGUARDS,
  ...WORKFLOW_SAFEGUARDS,
  ...API_SAFEGUARDS,
  ...ATTENDANCE_SAFEGUARDS,
  ...CONTRACT_SAFEGUARDS,
  ...INVENTORY_SAFEGUARDS,
  ...IMPORT_SAFEGUARDS,
  ...RPC_SAFEGUARDS,
  ...IDENTITY_SAFEGUARDS,
  ...LIMIT_SAFEGUARDS,
  ...CODEC_SAFEGUARDS,
  ...TLS_SAFEGUARDS,
]
