import { run } from '../shared/run.ts'
import { startConfiguredUser } from './configured-user.ts'

await run('user', ['user'], (config, log) => [startConfiguredUser(config, log)])
