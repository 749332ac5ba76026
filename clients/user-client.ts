import { type UserInfoResponse, UserClient as UserStub } from '../proto/generated/user.ts'
import { ServiceClient } from './service-client.ts'
import type { ClientOptions } from './unary.ts'

/** The user service; of its answer only what an order needs is let through. */
export class UserClient extends ServiceClient<UserStub> {
  constructor(options: ClientOptions) {
    super('user', UserStub, options)
  }

  /**
   * @param atMostMs bounds the client's deadline
   * @throws ServiceError; the original answers UNKNOWN "record not found" for an unknown user
   */
  async getUserById(id: number, atMostMs?: number): Promise<{ id: number }> {
    const user = await this.call<UserInfoResponse>('GetUserById', atMostMs, (stub, ...sending) =>
      stub.getUserById({ id }, ...sending),
    )
    return { id: user.id }
  }
}
