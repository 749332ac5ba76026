import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { sql } from 'kysely'
import { StockEquation } from '../../e2e/stock.ts'
import { endAll } from '../../support/on-end.ts'
import { testStack } from '../../support/stack.ts'

/*
 * Lets schemathesis make requests from the OpenAPI document of a whole stack of its own, valid ones and all kinds of invalid
 * ones, and holds each answer against that document; then not one piece of stock may be unaccounted for, and no run parked:
 *
 *     npm run fuzz
 *     npm run fuzz -- --seconds 60 --seed 7
 *
 * It needs Python 3.10 or later; schemathesis is installed below .data, by pip as this machine has it configured.
 */
const SCHEMATHESIS = 'schemathesis==4.32.5'
const CONFIG = join(import.meta.dirname, 'schemathesis.toml')
const VENV = join(import.meta.dirname, '../../../.data/fuzz-venv')
/** Goods that the reference inventory holds. */
const GOODS_IDS = Array.from({ length: 200 }, (_, i) => i + 1)
/** A valid order may well be refused: its goods may not exist. */
const NOT_PROMISED = ['positive_data_acceptance']

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string', default: '1' } } })
const program = await installed()
try {
  const stack = await testStack()
  const equation = await StockEquation.of(stack, GOODS_IDS)
  const url = `${stack.httpUrl}/openapi.json`
  const options = [
    ...['--max-time', values.seconds, '--seed', values.seed, '--continue-on-failure'],
    ...['--checks', 'all', '--exclude-checks', NOT_PROMISED.join()],
    // Generating values in several threads breaks CPython 3.11: "AST constructor recursion depth mismatch".
    ...['--workers', '1'],
  ]
  const fuzzing = spawn(program, ['--config-file', CONFIG, 'run', url, ...options], { stdio: 'inherit' })
  const [status] = (await once(fuzzing, 'exit')) as [number | null]
  await equation.assertHolds()
  const orders = await stack.db
    .selectFrom('orders')
    .select(['status', 'refusal_type as refusal', sql<number>`count(*)::int`.as('count')])
    .groupBy(['status', 'refusal_type'])
    .orderBy('count', 'desc')
    .execute()
  console.log('orders recorded, all of whose runs have ended, and with which stock and ledger agree:')
  for (const { count, status, refusal } of orders) console.log(`  ${count} ${status} ${refusal ?? ''}`.trimEnd())
  assert.equal(status, 0, 'schemathesis found answers that the document does not allow: see above')
} finally {
  await endAll()
}

/** @returns the path of the program */
async function installed(): Promise<string> {
  const at = join(VENV, 'bin', 'schemathesis')
  const run = promisify(execFile)
  const isThere = await access(at).then(
    () => true,
    () => false,
  )
  if (!isThere) {
    console.log(`installing ${SCHEMATHESIS}`)
    await run('python3', ['-m', 'venv', VENV])
    await run(join(VENV, 'bin', 'pip'), ['install', '--quiet', SCHEMATHESIS])
  }
  return at
}
