import pino from 'pino'

/** JSON lines on stderr: stdout is for the lines that a parent reads. Written at once, so that none is lost at exit. */
export const logger = pino({ name: 'services' }, pino.destination({ dest: 2, sync: true }))
