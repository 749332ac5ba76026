import type { Logger } from 'pino'
import type { RunningService } from '../../rpc/server/serve.ts'
import type { ServicesConfig } from '../config.ts'
import { listening } from '../shared/listening.ts'
import { startUser } from './user-service.ts'

/** The users, at the address that the settings name. */
export function startConfiguredUser(config: ServicesConfig<'user'>, log: Logger): Promise<RunningService> {
  return startUser(listening('USER_ADDR', config.userAddr, config, log), log)
}
