import { parseArgs } from 'node:util'
import { Client, Connection, WorkflowFailedError } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { PayloadCodec } from '../codec/payload-codec.ts'
import { readPayloadKeys } from '../codec/payload-keys.ts'
import { ReloadedFile } from '../codec/reloaded-file.ts'
import { failureIn } from '../contracts/application-failure.ts'
import { type CreateOrderInput, type CreateOrderResult, createOrderWorkflowId, TASK_QUEUE } from '../contracts/create-order.ts'
import { orderSnOf } from '../contracts/order-sn.ts'

/*
 * Places one order through Temporal, without HTTP:
 *
 *     node --import tsx examples/create-order.ts --user 7 --goods 1 --num 2
 *
 * The server is that of Temporal's standard environment (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE, …). With the PAYLOAD_KEYS_FILE and the
 * PAYLOAD_ENCRYPTION of the installation the order leaves this process encrypted, and what comes back is read (docs/payload-encryption.md).
 */
const { values } = parseArgs({
  options: {
    user: { type: 'string', default: '7' },
    goods: { type: 'string', default: '1' },
    num: { type: 'string', default: '1' },
    request: { type: 'string', default: `example-${Date.now()}` },
  },
})

const input = {
  userId: Number(values.user),
  requestId: values.request,
  address: '1 Harbour Street',
  name: 'A. Customer',
  mobile: '10000000000',
  lines: [{ goodsId: Number(values.goods), num: Number(values.num) }],
} satisfies CreateOrderInput

const { PAYLOAD_KEYS_FILE: keysFile, PAYLOAD_ENCRYPTION: encryption } = process.env
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig()
const codec = new PayloadCodec({
  keys: keysFile ? new ReloadedFile(keysFile, readPayloadKeys, console.error) : undefined,
  encrypts: encryption === 'encode',
  namespace,
})
const connection = await Connection.connect(connectionOptions)
const client = new Client({ connection, namespace, dataConverter: { payloadCodecs: [codec] } })
try {
  const order = await client.workflow.execute<(input: CreateOrderInput) => Promise<CreateOrderResult>>('createOrder', {
    taskQueue: process.env.TASK_QUEUE || TASK_QUEUE,
    // Two starts of one request meet in one run; a start after it has ended gets the same order from the store.
    workflowId: createOrderWorkflowId(orderSnOf(input)),
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [input],
  })
  console.log(JSON.stringify(order, null, 2))
} catch (error) {
  if (!(error instanceof WorkflowFailedError)) throw error
  const refused = failureIn(error)
  // Without one the run was terminated or is a defect; its order is settled all the same.
  console.error(refused ? `refused: ${refused.type} (${refused.code}): ${refused.message}` : error.cause)
  process.exitCode = 1
} finally {
  await connection.close()
}
