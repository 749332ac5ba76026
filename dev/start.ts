import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Connection, WorkflowClient } from '@temporalio/client'
import { PayloadCodec } from '../codec/payload-codec.ts'
import { readPayloadKeys } from '../codec/payload-keys.ts'
import { ReloadedFile } from '../codec/reloaded-file.ts'
import { moneyText } from '../contracts/money-text.ts'
import { shownText } from '../contracts/shown-text.ts'
import { decodeHistory } from '../temporal/decode-history.ts'
import { sagaSteps } from '../temporal/saga-steps.ts'
import { type DemoIssuer, startDemoIssuer } from './demo-callers.ts'
import { type PlacedOrder, placeOrder } from './place-order.ts'
import { findRun } from './processes/find-run.ts'
import { orAborted } from './processes/or-aborted.ts'
import { type Stack, startStack } from './stack.ts'
import { tracesLine } from './traces-line.ts'

const HELP = `npm start [-- options]: runs the whole of order-saga on this machine and places one order.

  --once          leave after the order: status 0 when it was created
  --auth          ask callers who they are (AUTH=jwt), with an issuer and tokens for trying it out
  --reset         empty the data folder first
  --encrypted     encrypt what runs hold in Temporal, and seal recipients, by keys in the data folder
  --data FOLDER   the data folder, .data unless said otherwise
  --help          this

DATABASE_URL and INVENTORY_DATABASE_URL name a PostgreSQL of your own in place of the embedded one.
TEMPORAL_CLI_PATH names a Temporal CLI of your own.`

/** Time within which a second Ctrl-C is the same one, in milliseconds: below npm a terminal's Ctrl-C arrives twice. */
const SAME_PRESS = 1_000

const options = readOptions()
const CALLERS = options.auth
  ? 'known by their tokens (AUTH=jwt)'
  : 'anybody on this machine, because every address is loopback (AUTH=off); npm start -- --auth asks who they are'
const stopping = new AbortController()
let stack: Stack | undefined
listenForStop()
process.exit(await main())

/** @returns the status to leave with */
async function main(): Promise<number> {
  const started = performance.now()
  const issuer = options.auth ? await startDemoIssuer() : undefined
  try {
    stack = await startStack({
      dataDir: options.data,
      reset: options.reset,
      encrypted: options.encrypted,
      fingerprintKeys: true,
      ...(issuer && { env: issuer.env }),
      databaseUrl: process.env.DATABASE_URL || undefined,
      inventoryDatabaseUrl: process.env.INVENTORY_DATABASE_URL || undefined,
      log: (line) => console.log(line),
      signal: stopping.signal,
    })
  } catch (error) {
    console.error(stopping.signal.aborted ? 'Stopped before it was up.' : (error as Error).message)
    return 1
  }
  console.log(`everything is up after ${((performance.now() - started) / 1_000).toFixed(1)} s\n`)

  let status = 0
  try {
    const placed = await orAborted(placeOrder(stack.httpUrl, issuer?.tokenOf), stopping.signal)
    printOrder(placed)
    await orAborted(printRun(stack, placed, await issuer?.tokenOf(placed.key.userId)), stopping.signal).catch((error: Error) => {
      if (!stopping.signal.aborted) console.error(`its saga can't be shown: ${error.message}`) // the order stands
    })
  } catch (error) {
    console.error(`No order was created: ${(error as Error).message}`)
    status = 1
  }
  if (issuer) await printCallers(issuer, stack)
  if (!options.once && !stopping.signal.aborted) {
    console.log('\nEverything stays up until Ctrl-C.')
    await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }))
    status = 0
  }
  console.log('stopping…')
  await stack.stop()
  console.log('Stopped. The data stays for the next start.')
  return status
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        auth: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        reset: { type: 'boolean', default: false },
        encrypted: { type: 'boolean', default: false },
        data: { type: 'string', default: join(import.meta.dirname, '..', '.data') },
        help: { type: 'boolean', default: false },
      },
    })
    if (!values.help) return values
    console.log(HELP)
    process.exit(0)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`)
    process.exit(2)
  }
}

function listenForStop() {
  let first: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (first === undefined) {
        first = performance.now()
        stopping.abort(new Error(`stopped by ${signal}`))
      } else if (performance.now() - first > SAME_PRESS) {
        stack?.killAll()
        process.exit(130)
      }
    })
  }
}

function printOrder({ key, order }: PlacedOrder) {
  console.log(
    `order ${order.orderSn} of user ${key.userId}: ${order.status}, ${moneyText(order.total)}, to be paid until ${order.payDeadline}`,
  )
  for (const { goodsId, name, price, num } of order.lines)
    console.log(`  ${num} × ${shownText(name)} (goods ${goodsId}) at ${moneyText(price)}`)
}

async function printRun(
  { temporal: { address, namespace, uiUrl }, httpUrl, ports, logsDir, env }: Stack,
  { key, order }: PlacedOrder,
  token: string | undefined,
) {
  const asCaller = token ? `-H 'authorization: Bearer ${token}' ` : ''
  const connection = await Connection.connect({ address })
  try {
    const handle = await findRun(new WorkflowClient({ connection, namespace }), order.orderSn)
    const [{ runId, workflowId }, history] = await Promise.all([handle.describe(), handle.fetchHistory()])
    console.log(`\nits saga, step by step (workflow ${workflowId}):`)
    const steps = sagaSteps(await decodeHistory(history, codecsOf(env, namespace))).map(
      ({ activity, outcome, attempt, durationMs, summary }, i) => [
        `  ${i + 1} ${activity}`,
        outcome,
        `attempt ${attempt}`,
        `${durationMs ?? '…'} ms`.padStart(7),
        summary,
      ],
    )
    for (const line of table(steps)) console.log(line)
    console.log('')
    for (const line of table([
      ['this run in the web UI', `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}/history`],
      ['HTTP API', `${httpUrl}/docs`],
      [
        'gRPC API',
        `grpcurl -plaintext ${asCaller}-d '{"user_id": ${key.userId}}' 127.0.0.1:${ports.grpc} OrderService/OrderList`,
      ],
      ['metrics', `${httpUrl}/metrics  http://127.0.0.1:${ports.workerMetrics}/metrics`],
      ['traces', tracesLine(process.env)],
      ...(env.PAYLOAD_KEYS_FILE ? [['payload keys', relative(process.cwd(), env.PAYLOAD_KEYS_FILE)]] : []),
      ['callers', CALLERS],
      ['logs', relative(process.cwd(), logsDir)],
    ])) {
      console.log(line)
    }
  } finally {
    await connection.close()
  }
}

function codecsOf({ PAYLOAD_KEYS_FILE: file }: NodeJS.ProcessEnv, namespace: string): PayloadCodec[] {
  if (!file) return []
  return [new PayloadCodec({ keys: new ReloadedFile(file, readPayloadKeys, console.error), encrypts: false, namespace })]
}

/** Tokens to try the front doors with. */
async function printCallers({ tokenOf, shopToken, operatorToken }: DemoIssuer, { httpUrl }: Stack) {
  const [seven, eight, shop, operator] = await Promise.all([tokenOf(7), tokenOf(8), shopToken(), operatorToken()])
  console.log('\ntokens for 12 hours, of user 7, of user 8, of a service with the scope orders:any, and of an operator:')
  for (const token of [seven, eight, shop, operator]) console.log(`  ${token}`)
  console.log('what user 7 has in their cart, which the token of user 8 may not see:')
  console.log(`  curl -s ${httpUrl}/users/7/cart/items -H 'Authorization: Bearer ${seven}'`)
  console.log('orders that are stuck, which the token of an operator alone shows, and no password of a database:')
  console.log(`  ORDERS_TOKEN=${operator} npm run -s orders -- --server ${httpUrl} list`)
}

function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
