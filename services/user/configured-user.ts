import type { Logger } from 'pino'
import type { RunningService } from '../../rpc/server/serve.ts'
import type { ServicesConfig } from '../config.ts'
import { startUser } from './user-service.ts'

/** The users, at the address that the settings name. */
export function startConfiguredUser({ userAddr }: ServicesConfig<'user'>, log: Logger): Promise<RunningService> {
  return startUser({ setting: 'USER_ADDR', address: userAddr }, log)
}
