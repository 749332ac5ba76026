import type { Deps } from './deps.ts'
import { failureOfCall } from './status-table.ts'

export function userActivities({ users }: Pick<Deps, 'users'>) {
  return {
    /** Proves that the user exists. @throws UserNotFound */
    async getUser(userId: number): Promise<void> {
      await users.getUserById(userId).catch((error: unknown) => {
        throw failureOfCall('user/GetUserById', error, { userId })
      })
    },
  }
}
