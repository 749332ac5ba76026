import type { SettingTable } from './setting.ts'
import { payloadKeysFile, recipients } from './setting-parsers.ts'

/** The settings by which recipients of orders are sealed and opened: part of the table in settings.ts. */
export const RECIPIENT_SETTINGS = {
  RECIPIENT_KEYS_FILE: {
    readBy: ['starter', 'orders'],
    optional: true,
    meaning:
      "File of keys that wrap the users' data keys: an id and 32 bytes in base64 a line, the first wraps, each unwraps; read again when it changes, refused if others than its owner may read it",
    parse: payloadKeysFile,
  },
  RECIPIENTS: {
    readBy: ['starter'],
    default: 'clear',
    meaning:
      'sealed: name, address, phone number and note of an order leave the starter encrypted by a key of its user, which RECIPIENT_KEYS_FILE wraps; clear: they leave as they are, and what is sealed can be read (docs/sealed-recipients.md)',
    parse: recipients,
  },
} as const satisfies SettingTable
