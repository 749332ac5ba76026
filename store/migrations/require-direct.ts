import pg from 'pg'

/**
 * Proves that a connection string leads to PostgreSQL itself. A migration sets its session's lock_timeout and takes the session's advisory lock, and behind a
 * pooler that gives each transaction another session both would befall somebody else, the lock for ever.
 * A pooler hands out keys for the cancelling of statements that are its own, so that their process is not the one that answers.
 * @throws Error that names what to do; the driver's error, if there is no connection
 */
export async function requireDirect(url: string, connectionTimeoutMillis: number): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis }) as pg.Client & { processID: number | null }
  client.on('error', () => {}) // reported by the statement
  try {
    await client.connect()
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    if (rows[0]?.pid === client.processID) return
  } finally {
    await client.end()
  }
  const { hostname, port } = new URL(url)
  throw new Error(
    `there is a pooler at ${hostname}:${port || 5432}, and migrations need sessions of their own: give DATABASE_URL the address of ` +
      'PostgreSQL itself for npm run migrate',
  )
}
