import { Client } from '@temporalio/client'
import { CommanderError } from 'commander'
import { clientConverter } from '../composition/client-converter.ts'
import { operatorDeps } from '../composition/operator-deps.ts'
import { reachTemporal } from '../composition/reach-temporal.ts'
import { loadOperatorConfig, loadServerConfig } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { shownLines } from '../contracts/shown-text.ts'
import { reachPostgres } from '../store/reach-postgres.ts'
import { accountOf } from '../store/roles/account-of.ts'
import { askServer } from './ask-server.ts'
import { carryOut } from './carry-out.ts'
import { complaintOf } from './complaint-of.ts'
import { createProgram } from './program.ts'
import type { AskedVerb, Outcome } from './verb.ts'

const UNWELL = 1
const BAD_USAGE = 2

/** `npm run orders -- …`: the verbs of operators, over the same parts as the worker's, or carried out by a starter. */
const program = createProgram(
  async (asked, server) =>
    await (server === undefined ? onThisMachine(asked) : askServer(loadServerConfig(process.env, server), asked)),
  ({ text, well }) => {
    console.log(text)
    if (!well) process.exitCode = UNWELL
  },
)
for (const command of [program, ...program.commands]) command.exitOverride()

program.parseAsync().then(
  () => process.exit(),
  (error: unknown) => {
    // Commander has already reported what was wrong with the usage; asking for help is no mistake.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : BAD_USAGE)
    console.error(error instanceof ConfigError ? error.message : complaintOf(error))
    process.exit(error instanceof ConfigError ? BAD_USAGE : UNWELL)
  },
)

async function onThisMachine(asked: AskedVerb): Promise<Outcome> {
  const config = loadOperatorConfig(process.env)
  const connection = await reachTemporal(config.temporal.connection)
  const { namespace } = config.temporal
  const onWarning = (message: string) => console.error(shownLines(message))
  const client = new Client({ connection, namespace, dataConverter: clientConverter(config, onWarning) })
  const { deps, db, close } = operatorDeps({ config, client, onWarning })
  try {
    await reachPostgres(db, config.databaseUrl, 'tables')
    return await carryOut(deps, asked, config.auth === 'off' ? undefined : await accountOf(db))
  } finally {
    await close()
  }
}
