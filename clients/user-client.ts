import { Metadata } from '@grpc/grpc-js'
import { type UserInfoResponse, UserClient as UserStub } from '../proto/generated/user.ts'
import { CHANNEL_OPTIONS, type ClientOptions, CREDENTIALS, unary } from './channel.ts'

/** The user service; of its answer only what an order needs is let through. */
export class UserClient {
  readonly #stub: UserStub
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
    this.#stub = new UserStub(options.target, CREDENTIALS, CHANNEL_OPTIONS)
  }

  /**
   * @param deadlineMs @default the client's
   * @throws ServiceError; the original answers UNKNOWN "record not found" for an unknown user
   */
  async getUserById(id: number, deadlineMs = this.#options.deadlineMs): Promise<{ id: number }> {
    const user = await unary<UserInfoResponse>({ service: 'user', method: 'GetUserById', ...this.#options }, (done) =>
      this.#stub.getUserById({ id }, new Metadata(), { deadline: Date.now() + deadlineMs }, done),
    )
    return { id: user.id }
  }

  close(): void {
    this.#stub.close()
  }
}
