import type { PeerCertificate } from 'node:tls'

/** One entry of the alternative names. Node puts a name in quotes that has a comma, or anything else that would look like another entry. */
const ENTRY = /(?<kind>[A-Za-z ]+):(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^,"]*))(?:, |$)/gy

/** Returns the DNS names and URIs of a certificate that was verified; its common name if it has no alternative names of any kind. */
export function namesOf({ subject, subjectaltname }: Partial<PeerCertificate>): string[] {
  if (!subjectaltname) return typeof subject?.CN === 'string' ? [subject.CN] : []
  return [...subjectaltname.matchAll(ENTRY)].flatMap(({ groups: { kind, quoted, bare } = {} }) => {
    if (kind !== 'DNS' && kind !== 'URI') return []
    return [quoted === undefined ? (bare ?? '') : String(JSON.parse(`"${quoted}"`))]
  })
}
