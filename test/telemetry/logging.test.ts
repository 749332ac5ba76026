import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { createLogger } from '../../telemetry/logging.ts'

const PERSON = { name: 'Philippa Quillfeather', mobile: ['+99-5550-80131'], address: '7 Lantern Wharf', post: 'the red door' }

describe('a log line', () => {
  it('holds nothing that names a person, however deep', () => {
    const [line = ''] = linesOf((log) => log.info({ ...PERSON, order: { lines: [{ goodsId: 7, to: PERSON }] } }, 'placed'))
    for (const personal of ['Philippa', '5550', 'Lantern', 'red door']) assert.ok(!line.includes(personal), line)
    assert.match(line, /"goodsId":7/)
    assert.match(line, /"level":"info",.*"name":"test",.*"msg":"placed"/)
  })

  it('says by name how severe it is, and when it was in ISO 8601; or both as pino has them, if that is asked for', () => {
    const [line = ''] = linesOf((log) => log.warn('mind'))
    const { level, time } = JSON.parse(line)
    assert.equal(level, 'warn')
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    const [other = ''] = linesOf((log) => log.child({ of: 'request' }).warn('mind'), 'pino')
    const asPinoHasThem = JSON.parse(other)
    assert.deepEqual([asPinoHasThem.level, typeof asPinoHasThem.time, asPinoHasThem.name], [40, 'number', 'test'])
  })

  it('holds of an error what we wrote, and not the row that PostgreSQL quotes', () => {
    const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: `Key (name)=(${PERSON.name}) exists` })
    for (const key of ['err', 'error']) {
      const [line = ''] = linesOf((log) => log.error({ [key]: new TypeError('no order', { cause }) }, 'failed'))
      assert.ok(!line.includes('Philippa'), line)
      const { type, message, stack, cause: told } = JSON.parse(line)[key]
      assert.deepEqual([type, message, told.message, told.code], ['TypeError', 'no order', 'duplicate key', '23505'])
      assert.match(stack, /logging\.test/)
    }
  })

  it('is one line that a terminal obeys nothing of, whatever others wrote, and still JSON', () => {
    const said = 'words\u001b[2J\r\n{"level":"info"}\u009b31m\u202e\u2028\u007f'
    const lines = linesOf((log) => log.warn({ said, error: new Error(said) }, said))
    assert.equal(lines.length, 1)
    const [line = ''] = lines
    assert.doesNotMatch(line.trimEnd(), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    const { msg, said: field, error } = JSON.parse(line)
    assert.deepEqual([msg, field, error.message], [said, said, said])
  })

  it('is written even of what has no end', () => {
    const endless: Record<string, unknown> = { goodsId: 7 }
    endless.self = endless
    assert.match(linesOf((log) => log.info({ endless }))[0] ?? '', /too deep/)
  })

  it('is left out below the level', () => {
    assert.equal(linesOf((log) => log.debug('quiet')).length, 0)
  })
})

function linesOf(write: (log: ReturnType<typeof createLogger>) => void, format: 'iso' | 'pino' = 'iso'): string[] {
  const lines: string[] = []
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  write(createLogger({ level: 'info', format, name: 'test' }, destination))
  return lines
}
