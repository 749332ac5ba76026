import { inFile } from '../mutation.ts'

const CODEC = 'test/codec/payload-codec.test.ts'
const KEYS = 'test/codec/payload-keys.test.ts'
const SERVER = 'test/codec/decode-app.test.ts'
const PAYLOADS = 'test/workflows/encrypted-payloads.test.ts'

/** Lines that keep payloads of Temporal to those who have a key. */
export const CODEC_SAFEGUARDS = [
  ...inFile(
    'codec/payload-codec.ts',
    [CODEC],
    [
      {
        find: 'this.#options.namespace',
        replace: "''",
        breaks: 'a payload that was copied from the runs of a test is taken for one of the shop',
      },
      {
        find: '{keyId}\\0',
        replace: "{''}\\0",
        breaks: 'a payload is read that names another key than it was encrypted by',
      },
      {
        find: 'const iv = randomBytes(IV_BYTES)',
        replace: 'const iv = Buffer.alloc(IV_BYTES)',
        breaks: 'two payloads under one key have one IV: whoever has both can tell them apart, and make others',
      },
      {
        find: 'if (!key) throw PayloadLocked.withoutKey(keyId, keys !== undefined)',
        replace: 'if (!key) return { data: data ?? null }',
        breaks: 'what is encrypted by a key that is missing passes for the input of a run, and is refused for ever',
      },
      {
        find: 'throw PayloadLocked.altered(keyId)',
        replace: 'return { data: data ?? null }',
        breaks: 'what was altered passes for the input of a run',
      },
      {
        find: '?? keys?.latest.byId.get(keyId)',
        replace: '',
        breaks: 'a run waits although its key was added to the file',
      },
      {
        find: "key.toString('base64')",
        replace: "''",
        breaks: 'a key that was wrong in the file, and was mended, stays wrong until the process starts anew',
      },
      {
        find: 'return keys && encrypts ? payloads',
        replace: 'return keys ? payloads',
        breaks: 'the first process of a rollout encrypts what the others can not read yet',
      },
      {
        find: 'if (this.#left-- === 0)',
        replace: 'if (false as boolean)',
        breaks: 'one derived key encrypts so many payloads that two random IVs may be equal',
        survives: 'one process has to encrypt 2^24 payloads before there is a second key to see.',
      },
    ],
  ),
  ...inFile(
    'codec/payload-keys.ts',
    [KEYS],
    [
      {
        find: "key.toString('base64') !== secret || key.length !== KEY_BYTES",
        replace: "key.toString('base64') !== secret",
        breaks: 'a key of another length is found out by the first payload, when orders fail',
      },
      {
        find: "key.toString('base64') !== secret || key.length !== KEY_BYTES",
        replace: 'key.length !== KEY_BYTES',
        breaks: 'a key with a slip of the pen is another key, without a word',
      },
    ],
  ),
  ...inFile(
    'codec/private-file.ts',
    [KEYS],
    [
      {
        find: 'isOpen(stats)',
        replace: 'false',
        breaks: 'keys stand in a file that everybody on the machine may read',
      },
    ],
  ),
  ...inFile(
    'codec/secret-lines.ts',
    [KEYS],
    [
      {
        find: 'if (seen.has(id)) throw',
        replace: 'if (false as boolean) throw',
        breaks: 'of two keys of one id one is lost, and what it encrypted',
      },
    ],
  ),
  ...inFile(
    'codec/reloaded-file.ts',
    [KEYS],
    [
      {
        find: 'this.#onProblem((error as Error).message)',
        replace: 'throw error',
        breaks: 'a file that is half written ends whatever was to be encrypted',
      },
    ],
  ),
  ...inFile(
    'codec/bearer-tokens.ts',
    [SERVER],
    [
      { find: 'if (secret.length < LEAST_LENGTH)', replace: 'if (false as boolean)', breaks: 'a token can be guessed' },
      {
        find: 'timingSafeEqual(one.digest, digest)',
        replace: 'true',
        breaks: 'whoever has any token is the first of those who may decode',
      },
    ],
  ),
  ...inFile(
    'codec/decode-app.ts',
    [SERVER],
    [
      {
        find: "if (asked !== origin) return refuse(reply, 403, 'only the web UI at TEMPORAL_UI_URL may ask')",
        replace: '',
        breaks: 'a page of another site has payloads decoded, if a proxy knows people by a cookie',
      },
      {
        find: 'if (who === undefined) {',
        replace: 'if (false as boolean) {',
        breaks: 'whoever reaches the codec server reads names and addresses',
      },
      {
        find: 'if (asked !== namespace) return refuse',
        replace: 'if (false as boolean) return refuse',
        breaks: 'payloads of another namespace are decoded',
      },
      {
        find: "app.post('/decode', { onRequest }",
        replace: "app.post('/decode', { preHandler: onRequest as never }",
        breaks: 'the bodies of strangers are read, 8 MiB each',
      },
      {
        find: '.catch(() => [])',
        replace: '',
        breaks: 'one payload that nobody can read hides all others of its page',
      },
      { find: "'cache-control': 'no-store', ", replace: '', breaks: 'names and addresses stay in a cache' },
      { find: '    onRefused(reason)\n', replace: '', breaks: 'nobody hears of those who try tokens' },
      { find: '    onDecoded({ who', replace: '    void ({ who', breaks: 'nobody can say who has read what' },
    ],
  ),
  ...inFile(
    'workflows/payload-converter.ts',
    [PAYLOADS],
    [
      {
        find: 'if (keyIdOf(payload) !== undefined) throw',
        replace: 'if (false as boolean) throw',
        breaks: 'an encrypted order is refused for ever by a worker that has no codec',
      },
    ],
  ),
]
