import type { FailureRow } from '../../contracts/failure-row.ts'
import { FAILURES } from '../../contracts/failures.ts'

/** contracts/failures.ts as docs/failures.md shows it, between its `<!-- failures -->` markers. */
export function failureTable(): string {
  const rows = Object.entries<FailureRow>(FAILURES).map(
    ([type, { code, grpc, http, retried, raisedBy, title, advice }]) =>
      `| ${code} | \`${type}\` | ${grpc} | ${http} | ${retried ? 'yes' : 'no'} | ${raisedBy} | ${title} | ${advice} |`,
  )
  return [
    '| Code | Failure | gRPC | HTTP | Retried | Raised by | What happened | What to do |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}
