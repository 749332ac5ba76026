import type { UserInfoResponse } from '../../proto/generated/user.ts'

/** Users 1 to 500 exist. */
export const USER_COUNT = 500

/** The shop's 500 users by id, the same at every start. None of them is real: see the domain and the numbers. */
export const DIRECTORY: ReadonlyMap<number, UserInfoResponse> = new Map(
  Array.from({ length: USER_COUNT }, (_, i) => [i + 1, describeUser(i + 1)]),
)

function describeUser(id: number): UserInfoResponse {
  return {
    id,
    password: '',
    mobile: `100${String(id).padStart(8, '0')}`,
    email: `user${id}@shop.example`,
    nickname: `User ${id}`,
    birthday: BigInt(Date.UTC(1970 + (id % 35), id % 12, 1 + (id % 28)) / 1_000),
    gender: id % 2 === 0 ? 'male' : 'female',
    avatar: `https://images.shop.example/users/${id}.jpg`,
    role: 1,
    username: `user${id}`,
  }
}
