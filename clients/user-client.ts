import { Metadata } from '@grpc/grpc-js'
import { type UserInfoResponse, UserClient as UserStub } from '../proto/generated/user.ts'
import { connected } from './connected.ts'
import { type ClientOptions, unary } from './unary.ts'

/** The user service; of its answer only what an order needs is let through. */
export class UserClient {
  readonly #stub: UserStub
  readonly #options: ClientOptions
  readonly close: () => void

  constructor(options: ClientOptions) {
    this.#options = options
    const { stub, close } = connected(UserStub, options)
    this.#stub = stub
    this.close = close
  }

  /**
   * @param atMostMs bounds the client's deadline
   * @throws ServiceError; the original answers UNKNOWN "record not found" for an unknown user
   */
  async getUserById(id: number, atMostMs?: number): Promise<{ id: number }> {
    const user = await unary<UserInfoResponse>(
      { service: 'user', method: 'GetUserById', ...this.#options, atMostMs },
      (options, done) => this.#stub.getUserById({ id }, new Metadata(), options, done),
    )
    return { id: user.id }
  }
}
