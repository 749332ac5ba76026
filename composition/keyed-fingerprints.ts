import { ReloadedFile } from '../codec/reloaded-file.ts'
import { readFingerprintKeys } from '../config/fingerprint-keys.ts'
import { Fingerprints } from '../contracts/fingerprints.ts'

/** Returns fingerprints under the keys of FINGERPRINT_KEYS_FILE, which is read again when it changes; plain ones, with a warning, without it. */
export function keyedFingerprints(
  { fingerprintKeysFile: file }: { fingerprintKeysFile?: string },
  warn: (message: string) => void,
): Fingerprints {
  const named = new Set<string>()
  const onMissing = (id: string) => {
    if (named.has(id)) return
    named.add(id)
    warn(`orders need the fingerprint key ${id}, which FINGERPRINT_KEYS_FILE lacks: requests for them wait until it is there`)
  }
  if (file === undefined) {
    warn(
      'FINGERPRINT_KEYS_FILE is not set: whoever reads the rows of orders can try out the phone numbers behind them (docs/personal-data.md)',
    )
    return new Fingerprints(() => [], onMissing)
  }
  const onProblem = (problem: string) => warn(`the keys of before stay in use: FINGERPRINT_KEYS_FILE ${problem}`)
  const keys = new ReloadedFile(file, readFingerprintKeys, onProblem)
  return new Fingerprints(() => keys.recent, onMissing)
}
