import { UserInfoResponse, UserService } from '../../proto/generated/user.ts'
import { type Listening, listening } from '../clients/listening.ts'

/** A user service that knows every user, however many a test wants. */
export function everyUser(): Promise<Listening> {
  return listening(UserService, {
    getUserById: ({ request }: { request: { id: number } }, done: (error: null, user: object) => void) =>
      done(null, { ...UserInfoResponse.decode(Buffer.of()), id: request.id }),
  })
}
