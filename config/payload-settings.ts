import type { SettingTable } from './setting.ts'
import { address, fingerprintKeysFile, payloadEncryption, payloadKeysFile, pemFile, tokensFile } from './setting-parsers.ts'

/** The processes that talk to Temporal. */
const OF_TEMPORAL = ['starter', 'worker', 'register', 'orders'] as const

/** The settings by which what Temporal and rows hold of people is kept secret, and read by those who may: part of the table in settings.ts. */
export const PAYLOAD_SETTINGS = {
  PAYLOAD_KEYS_FILE: {
    readBy: [...OF_TEMPORAL, 'codec'],
    optional: true,
    meaning:
      'File of keys for what runs hold in Temporal: an id and 32 bytes in base64 a line, the first encrypts, each decrypts; read again when it changes, refused if others than its owner may read it',
    parse: payloadKeysFile,
  },
  PAYLOAD_ENCRYPTION: {
    readBy: OF_TEMPORAL,
    default: 'decode',
    meaning:
      'encode: what runs hold in Temporal is encrypted by the first key of PAYLOAD_KEYS_FILE; decode: it is not, and what others have encrypted is read (docs/payload-encryption.md)',
    parse: payloadEncryption,
  },
  FINGERPRINT_KEYS_FILE: {
    readBy: ['starter', 'worker', 'orders'],
    optional: true,
    meaning:
      'File of keys for the fingerprints of requests in the rows of orders, and in runs with sealed recipients: an id and 32 bytes in base64 a line, or an id and the word plain for none; the first writes, each compares; read again when it changes, refused if others than its owner may read it (docs/personal-data.md)',
    parse: fingerprintKeysFile,
  },
  CODEC_ADDR: {
    readBy: ['codec'],
    default: '127.0.0.1:8888',
    meaning: 'Address at which the codec server decodes payloads for the web UI and the Temporal CLI',
    parse: address,
  },
  CODEC_TOKENS_FILE: {
    readBy: ['codec'],
    optional: true,
    meaning:
      'File of those who may decode payloads, beside or instead of those whose token is of AUTH_ISSUER and has the scope orders:support: a name and a token of at least 32 characters a line; read again when it changes, refused if others than its owner may read it',
    parse: tokensFile,
  },
  CODEC_TLS_CERT_PATH: {
    readBy: ['codec'],
    optional: true,
    meaning: 'PEM file of the certificate of the codec server; the web UI passes the token of its user to https alone',
    parse: pemFile,
  },
  CODEC_TLS_KEY_PATH: {
    readBy: ['codec'],
    optional: true,
    meaning: 'PEM file of the key of that certificate',
    parse: pemFile,
  },
} as const satisfies SettingTable
