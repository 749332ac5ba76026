import { status } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import { type UserServer, UserService } from '../../proto/generated/user.ts'
import { type RunningService, serve } from '../../rpc/server/serve.ts'
import { StatusError } from '../../rpc/server/status-error.ts'
import { unary } from '../../rpc/server/unary.ts'
import type { ListenConfig } from '../config.ts'
import { DIRECTORY } from './directory.ts'

/** The reference User: the wire behaviour of the production service over a fixed directory, except that an unknown user is NOT_FOUND. */
export function startUser(listen: ListenConfig, log: Logger): Promise<RunningService> {
  const implementation: UserServer = {
    getUserById: unary(log, ({ id }) => {
      const user = DIRECTORY.get(id)
      if (!user) throw new StatusError(status.NOT_FOUND, `user ${id} does not exist`)
      return user
    }),
  }
  return serve({ name: 'user', ...listen, definition: UserService, implementation })
}
