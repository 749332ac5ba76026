import { readConfig } from '../config.ts'
import { logger } from '../shared/logger.ts'
import { run } from '../shared/run.ts'
import { startUser } from './user-service.ts'

await run(logger, () => {
  const config = readConfig(process.env, ['user'])
  return [startUser(config.user, logger)]
})
