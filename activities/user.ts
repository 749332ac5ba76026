import type { Attempt } from '../contracts/steps.ts'
import { attempt } from './attempt.ts'
import type { Deps } from './deps.ts'
import { failureOfCall } from './failure-of-call.ts'
import { LanePace } from './lane-pace.ts'
import { timeLeft } from './time-left.ts'

export function userActivities({ users, lanePace = new LanePace() }: Pick<Deps, 'users' | 'lanePace'>) {
  /** Proves that the user exists. @throws UserNotFound */
  async function getUser(userId: number, atMostMs?: number): Promise<void> {
    await users.getUserById(userId, timeLeft(atMostMs)).catch((error: unknown) => {
      throw failureOfCall('user/GetUserById', error, { userId })
    })
  }

  return {
    /** @param _orderSn the order asked for: log and traces show it (log-steps.ts) */
    getUser: (userId: number, _orderSn?: string) => getUser(userId),

    /** One quick attempt for each user of a batch, at the same time. @returns one answer for each, in their order */
    async getUsers(userIds: number[]): Promise<Attempt[]> {
      return await Promise.all(userIds.map((userId) => attempt(lanePace, (ms) => getUser(userId, ms).then(() => true as const))))
    },
  }
}
