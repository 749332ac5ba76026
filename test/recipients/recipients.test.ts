import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { readPayloadKeys } from '../../codec/payload-keys.ts'
import { ReloadedFile } from '../../codec/reloaded-file.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import { InputProblems } from '../../contracts/input-problems.ts'
import { parseOrderRequest, readOrderRequest } from '../../contracts/order-request.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { dataKeyIdIn } from '../../contracts/sealed-recipient.ts'
import { FileKeyWrapping } from '../../recipients/file-key-wrapping.ts'
import { Recipients } from '../../recipients/recipients.ts'
import { seal, unseal } from '../../recipients/seal.ts'
import type { StoredDataKey } from '../../store/recipients/data-keys.ts'
import { keysFile, writeKeys } from '../support/payload-keys.ts'

const RECIPIENT = { address: '9 Cipher Crescent', name: 'Wilhelmina', mobile: '+99-5550-80777', post: 'ring\ntwice' }
const REQUEST = { userId: 7, requestId: 'key-1', lines: [{ goodsId: 3, num: 2 }], ...RECIPIENT }
const OF = { userId: 7, orderSn: orderSnOf(REQUEST) }

describe('a sealed recipient', () => {
  const key = { id: randomUUID(), key: randomBytes(32) }

  it('opens for its order with its key, and is another text each time', () => {
    const sealed = seal(RECIPIENT, key, OF)
    assert.deepEqual(unseal(sealed, key, OF), RECIPIENT)
    assert.equal(dataKeyIdIn(sealed), key.id)
    assert.notEqual(seal(RECIPIENT, key, OF), sealed)
    for (const text of Object.values(RECIPIENT)) assert.ok(!Buffer.from(sealed.split('.')[2] ?? '', 'base64url').includes(text))
  })

  it('opens for no other order, no other user and by no other key, nor if any of it was altered', () => {
    const sealed = seal(RECIPIENT, key, OF)
    assert.throws(() => unseal(sealed, key, { ...OF, userId: 8 }))
    assert.throws(() => unseal(sealed, key, { ...OF, orderSn: orderSnOf({ ...REQUEST, requestId: 'key-2' }) }))
    assert.throws(() => unseal(sealed, { ...key, key: randomBytes(32) }, OF))
    assert.throws(() => unseal(sealed, { ...key, id: randomUUID() }, OF), /another data key/)
    const head = sealed.lastIndexOf('.') + 1
    const bytes = Buffer.from(sealed.slice(head), 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] ?? 0) ^ 1
      assert.throws(() => unseal(sealed.slice(0, head) + altered.toString('base64url'), key, OF), `byte ${at}`)
    }
  })

  it('is an input of a run, and of no caller', () => {
    const { address: _, name: __, mobile: ___, post: ____, ...others } = REQUEST
    const input = { ...others, sealed: seal(RECIPIENT, key, OF), fingerprints: [fingerprintOf(REQUEST)] }
    const parsed = parseOrderRequest(input, 'unused')
    assert.deepEqual(parsed, input)
    assert.equal(fingerprintOf(parsed), fingerprintOf(REQUEST))
    const problems = new InputProblems()
    readOrderRequest(input, problems)
    assert.ok(problems.count > 0)
    for (const bad of [{ sealed: 's1.x.y' }, { sealed: 7 }, { fingerprints: [] }, { address: 'both' }]) {
      assert.equal(failureOfParsing({ ...input, ...bad }), 'InvalidInput', JSON.stringify(bad))
    }
    assert.equal(failureOfParsing({ ...input, lines: [{ goodsId: 0, num: 1 }] }), 'InvalidInput')
  })

  it('fits an input as long as a recipient may be', () => {
    const longest = { address: '𝒳'.repeat(500), name: '𝒳'.repeat(100), mobile: '𝒳'.repeat(32), post: '𝒳'.repeat(500) }
    const input = { userId: 7, requestId: 'key-1', sealed: seal(longest, key, OF), fingerprints: ['f'] }
    assert.deepEqual(parseOrderRequest(input, ''), input)
  })
})

describe('keys of recipients', () => {
  it('unwrap what they have wrapped, by whichever key of the file it was, for its user alone', async () => {
    const path = await keysFile('k1')
    const wrapping = wrappingBy(path)
    const of = { userId: 7, id: randomUUID() }
    const dataKey = randomBytes(32)
    const first = await wrapping.wrap(dataKey, of)
    assert.equal(first.kek, 'k1')
    writeKeys(path, 'k2', 'k1')
    const both = wrappingBy(path)
    assert.equal(both.current, 'k2')
    assert.deepEqual(await both.unwrap(first, of), dataKey)
    await assert.rejects(both.unwrap(first, { ...of, userId: 8 }), /was not wrapped by key k1/)
    await assert.rejects(both.unwrap({ ...first, kek: 'k2' }, of), /was not wrapped by key k2/)
    const second = await both.wrap(dataKey, of)
    writeKeys(path, 'k2')
    const later = wrappingBy(path)
    assert.deepEqual(await later.unwrap(second, of), dataKey)
    await assert.rejects(later.unwrap(first, of), /key k1, .* is not in RECIPIENT_KEYS_FILE: add it/)
  })

  it('are read again as soon as one is asked for that was added meanwhile', async () => {
    const path = await keysFile('k1')
    const wrapping = wrappingBy(path)
    const of = { userId: 7, id: randomUUID() }
    const dataKey = randomBytes(32)
    writeKeys(path, 'k2', 'k1')
    const wrapped = await wrappingBy(path).wrap(dataKey, of)
    assert.deepEqual(await wrapping.unwrap(wrapped, of), dataKey)
  })
})

describe('sealing', () => {
  it('gives each user a key, which two processes share, and asks the store for many users at once', async () => {
    const { store, rows, asked } = keyStore()
    const path = await keysFile('k1')
    const [one, other] = [recipientsOver(store, path), recipientsOver(store, path)]
    const requests = Array.from({ length: 40 }, (_, i) => ({ ...REQUEST, userId: 1 + (i % 20) }))
    const sealed = await Promise.all(requests.map((request, i) => (i < 20 ? one : other).seal(request)))
    assert.equal(rows.size, 20)
    assert.ok(asked.length < 20, `${asked.length} statements`)
    for (const [i, request] of requests.entries()) {
      const { userId } = request
      const text = sealedIn(sealed[i])
      assert.deepEqual(await other.unseal(text, { userId, orderSn: orderSnOf(request) }), RECIPIENT)
    }
  })

  it('leaves what names the order and what it asks for: a repeat is the same order with the same fingerprint', async () => {
    const recipients = recipientsOver(keyStore().store, await keysFile('k1'))
    const [first, again] = [await recipients.seal(REQUEST), await recipients.seal(REQUEST)]
    assert.notEqual(sealedIn(first), sealedIn(again))
    assert.deepEqual([fingerprintOf(first), fingerprintOf(again)], [fingerprintOf(REQUEST), fingerprintOf(REQUEST)])
    assert.deepEqual([orderSnOf(first), first.lines], [OF.orderSn, REQUEST.lines])
    const other = await recipients.seal({ ...REQUEST, mobile: '1' })
    assert.notEqual(fingerprintOf(other), fingerprintOf(REQUEST), 'another recipient is another request')
    assert.ok(!JSON.stringify(first).includes('Wilhelmina'))
  })

  it('of an erased user opens nothing any more, in no process, and goes on with a new key', async () => {
    const { store, rows } = keyStore()
    const path = await keysFile('k1')
    const [one, other] = [recipientsOver(store, path), recipientsOver(store, path)]
    const before = sealedIn(await one.seal(REQUEST))
    await other.unseal(before, OF)
    rows.delete(7)
    for (const recipients of [one, other]) assert.equal(await recipients.unseal(before, OF), undefined)
    const after = sealedIn(await one.seal(REQUEST))
    assert.notEqual(dataKeyIdIn(after), dataKeyIdIn(before))
    assert.equal(await other.unseal(before, OF), undefined)
    assert.deepEqual(await other.unseal(after, OF), RECIPIENT)
  })

  it('is off unless it is asked for; without a key nothing is sealed and nothing opened, and the log says why', async () => {
    const { store } = keyStore()
    const path = await keysFile('k1')
    const sealed = sealedIn(await recipientsOver(store, path).seal(REQUEST))
    assert.equal(await recipientsOver(store, path, { seals: false }).seal(REQUEST), REQUEST)
    const problems: string[] = []
    const without = new Recipients({ store, seals: true, onProblem: (problem) => problems.push(problem) })
    for (const attempt of [without.seal(REQUEST), without.unseal(sealed, OF)]) {
      await assert.rejects(attempt, (error) => failureIn(error)?.type === 'ServiceUnavailable')
    }
    assert.match(problems.join('\n'), /RECIPIENT_KEYS_FILE is not set/)
    assert.ok(!problems.join('\n').includes('Wilhelmina'))
  })
})

function wrappingBy(path: string): FileKeyWrapping {
  return new FileKeyWrapping(new ReloadedFile(path, readPayloadKeys, assert.fail))
}

function recipientsOver(store: ReturnType<typeof keyStore>['store'], path: string, { seals = true } = {}): Recipients {
  return new Recipients({ store, wrapping: wrappingBy(path), seals, onProblem: assert.fail })
}

/** Keys in memory, as PostgreSQL keeps them. */
function keyStore() {
  const rows = new Map<number, StoredDataKey>()
  const asked: (readonly number[])[] = []
  const store = {
    async dataKeys(userIds: readonly number[]) {
      asked.push(userIds)
      return userIds.flatMap((userId) => rows.get(userId) ?? [])
    },
    async addDataKey(key: StoredDataKey) {
      if (!rows.has(key.userId)) rows.set(key.userId, key)
    },
  }
  return { store, rows, asked }
}

function sealedIn(request: object | undefined): string {
  assert.ok(request && 'sealed' in request && typeof request.sealed === 'string')
  return request.sealed
}

function failureOfParsing(input: object): string | undefined {
  try {
    parseOrderRequest(input, '')
    return undefined
  } catch (error) {
    return failureIn(error)?.type
  }
}
