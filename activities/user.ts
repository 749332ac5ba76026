import { type Attempt, attempt } from './attempt.ts'
import { type Deps, LANE_DEADLINE_MS } from './deps.ts'
import { failureOfCall } from './status-table.ts'
import { timeLeft } from './time-left.ts'

export function userActivities({ users, laneDeadlineMs = LANE_DEADLINE_MS }: Pick<Deps, 'users' | 'laneDeadlineMs'>) {
  /** Proves that the user exists. @throws UserNotFound */
  async function getUser(userId: number, atMostMs?: number): Promise<void> {
    await users.getUserById(userId, timeLeft(atMostMs)).catch((error: unknown) => {
      throw failureOfCall('user/GetUserById', error, { userId })
    })
  }

  return {
    /** @param _orderSn for whom: the log and the traces tell it (log-steps.ts) */
    getUser: (userId: number, _orderSn?: string) => getUser(userId),

    /** One quick attempt for each user of a batch, at the same time. @returns one answer for each, in their order */
    async getUsers(userIds: number[]): Promise<Attempt[]> {
      return await Promise.all(userIds.map((userId) => attempt(getUser(userId, laneDeadlineMs).then(() => true as const))))
    },
  }
}
