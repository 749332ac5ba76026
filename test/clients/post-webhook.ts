import { WebhookClient } from '../../clients/webhook-client.ts'
import { SECRET } from '../support/receiver.ts'

/** A program that posts one message to the address that is its argument, and prints `delivered`, or why it was not. */
try {
  await new WebhookClient(process.argv[2] as string, SECRET).post('evt_1', { id: 'evt_1' }, new AbortController().signal)
  process.stdout.write('delivered')
} catch (error) {
  process.stdout.write((error as Error).message)
}
