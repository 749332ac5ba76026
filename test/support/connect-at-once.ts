import { execFileSync } from 'node:child_process'

/** Client of its own process: connects so often at once, and prints how many connections there are when no more come. */
const CLIENT = `
  const { connect } = require('node:net')
  const [port, count] = process.argv.slice(1).map(Number)
  let connected = 0
  let since = Date.now()
  for (let i = 0; i < count; i++) connect(port, '127.0.0.1', () => { connected++; since = Date.now() }).on('error', () => {})
  setInterval(() => {
    if (connected < count && Date.now() - since < 10_000) return
    console.log(connected)
    process.exit()
  }, 50)
`

/** Connects so often at once while this process does nothing else. @returns how many connections the system made */
export function connectAtOnce(port: number, count: number): number {
  return Number(execFileSync(process.execPath, ['-e', CLIENT, String(port), String(count)], { encoding: 'utf8' }))
}
