import { pino } from 'pino'
import { createLogger } from '../../telemetry/logging.ts'
import { logLevelOf } from '../config.ts'

/** JSON lines on stderr: stdout is for the lines that a parent reads. Written at once, so that none is lost at exit. */
export const logger = createLogger(
  { name: 'services', level: logLevelOf(process.env) ?? 'info' },
  pino.destination({ dest: 2, sync: true }),
)
