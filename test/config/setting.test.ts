import assert from 'node:assert/strict'
import { readSettings } from '../../config/setting.ts'

const TABLE = {
  FROM: { readBy: ['worker', 'orders'], meaning: 'Where parcels leave', parse: (text: string) => text },
  SIZE_LIMIT_MM: {
    readBy: ['worker'],
    default: '600',
    meaning: 'Longest side of a parcel',
    parse(text: string) {
      if (!/^\d+$/.test(text)) throw new Error(`must be a number, not '${text}'\nand a second line`)
      return Number(text)
    },
  },
  GIFT_NOTE: { readBy: ['starter', 'worker'], optional: true, meaning: 'Words on each parcel', parse: (text: string) => text },
} as const

describe('a table of settings', () => {
  it('gives each program the values that it reads, named after the settings and typed by their parsers', () => {
    const { values, problems } = readSettings(TABLE, ['worker'], { FROM: 'here', SIZE_LIMIT_MM: ' 20 ', GIFT_NOTE: '' })
    const typed: { from: string; sizeLimitMm: number; giftNote?: string } = values
    assert.deepEqual([typed, problems], [{ from: 'here', sizeLimitMm: 20 }, []])
    const few: { giftNote?: string } = readSettings(TABLE, ['starter'], { GIFT_NOTE: 'well' }).values
    assert.deepEqual(few, { giftNote: 'well' })
    // @ts-expect-error the starter does not read it
    assert.equal(readSettings(TABLE, ['starter'], { FROM: 'here' }).values.from, undefined)
  })

  it('asks for what has no default and is not optional, by the programs that read it alone', () => {
    assert.deepEqual(readSettings(TABLE, ['worker'], { FROM: '' }).problems, ['FROM is missing: Where parcels leave'])
    assert.deepEqual(readSettings(TABLE, ['orders', 'starter'], {}).problems, ['FROM is missing: Where parcels leave'])
    assert.deepEqual(readSettings(TABLE, ['starter'], {}).problems, [])
  })

  it('names each wrong text by its setting, in one line', () => {
    const { problems } = readSettings(TABLE, ['worker'], { SIZE_LIMIT_MM: 'wide' })
    assert.deepEqual(problems, ['FROM is missing: Where parcels leave', "SIZE_LIMIT_MM must be a number, not 'wide'"])
  })
})
