import type { Logger } from 'pino'
import type { ServicesConfig } from '../config.ts'
import type { RunningService } from '../shared/serve.ts'
import { startUser } from './user-service.ts'

/** The users, at the address that the settings name. */
export function startConfiguredUser({ userAddr }: ServicesConfig<'user'>, log: Logger): Promise<RunningService> {
  return startUser({ setting: 'USER_ADDR', address: userAddr }, log)
}
