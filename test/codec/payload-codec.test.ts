import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import { PayloadCodec } from '../../codec/payload-codec.ts'
import { PayloadLocked } from '../../codec/payload-locked.ts'
import { until } from '../e2e/faults/until.ts'
import { codecOver, keysFile, writeKeys } from '../support/payload-keys.ts'

const ORDER = { userId: 7, name: 'A. Buyer', address: '1 Harbour Road', mobile: '13800000000' }
const plain = defaultPayloadConverter.toPayload(ORDER) as Payload

describe('the payload codec', () => {
  let path: string

  before(async () => {
    path = await keysFile('k1')
  })

  async function encrypted(codec = codecOver(path)): Promise<Payload> {
    const [payload] = await codec.encode([plain])
    assert.ok(payload)
    return payload
  }

  async function read(codec: PayloadCodec, payload: Payload): Promise<unknown> {
    const [decoded] = await codec.decode([payload])
    return defaultPayloadConverter.fromPayload(decoded as Payload)
  }

  const locked = (codec: PayloadCodec, payload: Payload, why: RegExp) =>
    assert.rejects(codec.decode([payload]), (error: Error) => error instanceof PayloadLocked && why.test(error.message))

  it('gives back what it was given, in as many payloads, and shows nothing of it meanwhile', async () => {
    const codec = codecOver(path)
    const sent = await codec.encode([plain, plain])
    const [first, second] = sent
    assert.ok(first && second)
    const text = Buffer.concat(sent.map(({ data }) => Buffer.from(data ?? []))).toString('latin1')
    for (const word of [...Object.keys(ORDER), ...Object.values(ORDER).map(String), 'json']) {
      if (word.length > 3) assert.ok(!text.includes(word), word)
    }
    assert.notDeepEqual(first.data, second.data, 'equal payloads look alike')
    for (const payload of sent) assert.deepEqual(await read(codecOver(path), payload), ORDER)
  })

  it('lets pass what is not encrypted by a key, and while it only decodes encrypts nothing', async () => {
    const codec = codecOver(path, { encrypts: false })
    const foreign = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('theirs') }
    assert.deepEqual(await codec.decode([plain, foreign, {}]), [plain, foreign, {}])
    assert.deepEqual(await codec.encode([plain]), [plain])
    assert.deepEqual(await read(codec, await encrypted()), ORDER)
  })

  it('goes on with payloads of an older key while a newer one encrypts', async () => {
    const old = await encrypted()
    const both = await keysFile('k2', 'k1')
    const codec = codecOver(both)
    assert.deepEqual(await read(codec, old), ORDER)
    const [fresh] = await codec.encode([plain])
    assert.equal(Buffer.from(fresh?.metadata?.['encryption-key-id'] ?? []).toString(), 'k2')
    await locked(codecOver(path), fresh as Payload, /by key k2, which PAYLOAD_KEYS_FILE does not have/)
  })

  it('finds a key that was added to the file as soon as a payload names it', async () => {
    const growing = await keysFile('k1')
    const codec = codecOver(growing)
    const [fresh] = await codecOver(await keysFile('k3')).encode([plain])
    await locked(codec, fresh as Payload, /by key k3/)
    writeKeys(growing, 'k1', 'k3')
    assert.deepEqual(await read(codec, fresh as Payload), ORDER)
  })

  it('goes by the key that an id has now: one that was wrong is mended while the process goes on', async () => {
    const growing = await keysFile('k4')
    const codec = codecOver(growing)
    const payload = await encrypted(codecOver(await keysFile('k1')))
    const rightLine = readFileSync(path, 'utf8')
    writeFileSync(growing, readFileSync(growing, 'utf8').replace('k4 ', 'k1 '))
    await until('the wrong key is read', () => locked(codec, payload, /altered/))
    writeFileSync(growing, rightLine)
    await until('the right key is read', async () => assert.deepEqual(await read(codec, payload), ORDER))
  })

  it('without keys reports which setting is missing, and does not encrypt', async () => {
    const options = { encrypts: false, namespace: 'default' }
    await locked(new PayloadCodec(options), await encrypted(), /by key k1: set PAYLOAD_KEYS_FILE/)
    assert.deepEqual(await new PayloadCodec(options).encode([plain]), [plain])
    assert.throws(() => new PayloadCodec({ ...options, encrypts: true }), /without a key/)
  })

  it('opens nothing that was altered: no byte, no other key id, no other namespace, no less', async () => {
    const payload = await encrypted()
    const data = Buffer.from(payload.data ?? [])
    for (let at = 0; at < data.length; at += 7) {
      const altered = Buffer.from(data)
      altered[at] = (altered[at] as number) ^ 1
      await locked(codecOver(path), { ...payload, data: altered }, /names key k1 .* altered/)
    }
    for (const length of [0, 1, 16, 28, 44, data.length - 1]) {
      await locked(codecOver(path), { ...payload, data: data.subarray(0, length) }, /altered/)
    }
    await locked(codecOver(path, { namespace: 'another' }), payload, /in this namespace/)
    const twoIds = await keysFile('k1', 'k2')
    const [line = ''] = readFileSync(twoIds, 'utf8').match(/^k1 .*$/m) ?? []
    // Even if both ids have one key.
    writeFileSync(twoIds, `${line}\n${line.replace('k1', 'k2')}\n`)
    await locked(
      codecOver(twoIds),
      { ...payload, metadata: { ...payload.metadata, 'encryption-key-id': Buffer.from('k2') } },
      /k2/,
    )
  })

  it('repeats nothing of a key id that a stranger made up but letters and digits', async () => {
    const payload = { ...(await encrypted()), metadata: { encoding: Buffer.from('binary/encrypted') } }
    const id = Buffer.from('\u001b[31m<img src=x>'.padEnd(500, 'x'))
    await locked(
      codecOver(path),
      { ...payload, metadata: { ...payload.metadata, 'encryption-key-id': id } },
      /^[\w .,:?-]{1,160}$/,
    )
  })
})
