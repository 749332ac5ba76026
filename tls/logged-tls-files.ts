import type { Logger } from 'pino'
import { TlsFiles, type TlsPaths } from './tls-files.ts'

/**
 * Returns the certificates of a server, if it has any; a line in the log says if they have changed.
 * @param settings beginning of the names of the settings, such as HTTP_TLS
 * @throws Error if a file can't be read
 */
export function loggedTlsFiles(
  paths: TlsPaths | undefined,
  settings: string,
  log: Pick<Logger, 'info' | 'warn'>,
): TlsFiles | undefined {
  return (
    paths &&
    new TlsFiles(paths, {
      changed: () => log.info({ settings }, 'certificates have changed: new connections go by them'),
      failed: (reason) =>
        log.warn({ settings, error: reason }, "certificates have changed and can't be used: those of before stay in use"),
    })
  )
}
