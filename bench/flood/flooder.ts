import { Agent, request } from 'node:http'
import { VERBS, type Verb } from './verbs.ts'

/** Task of a flood, in the arguments of its process. */
const [url, verb, connections, address] = process.argv.slice(2) as [string, Verb, string, string]
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) })
/** Users beyond those of the caller whose time is measured. */
let n = 1_000_000
const answers: Record<string, number> = {}

/** Sends one request, and the next one when it has its answer, for ever. */
function flood(): void {
  const { method, path, headers = {}, body } = { headers: undefined, body: undefined, ...VERBS[verb](n++) }
  const sent = request(new URL(path, url), { agent, method, headers: { ...headers, 'x-forwarded-for': address } })
  sent.on('response', (answer) => {
    if (Object.keys(answers).length === 0) process.send?.('flooding')
    answers[answer.statusCode ?? 0] = (answers[answer.statusCode ?? 0] ?? 0) + 1
    answer.resume().once('end', flood)
  })
  sent.on('error', () => setTimeout(flood, 50))
  sent.end(body)
}

process.on('message', () => process.send?.(answers, () => process.exit()))
process.on('disconnect', () => process.exit())
for (let i = 0; i < Number(connections); i++) flood()
