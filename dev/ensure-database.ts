import pg from 'pg'

/** SQLSTATE duplicate_database, and unique_violation, which the loser of two simultaneous CREATE DATABASE gets. */
const EXISTS = new Set(['42P04', '23505'])

/**
 * Creates the database that a connection string names, unless it exists; through the database `postgres` of that server.
 * @throws the error of the server when it is out of reach or the account may not create databases
 */
export async function ensureDatabase(url: string): Promise<void> {
  const target = new URL(url)
  const database = decodeURIComponent(target.pathname.slice(1))
  target.pathname = '/postgres'
  const client = new pg.Client({ connectionString: target.href })
  // A server that goes away between two statements is reported by the statement; unheard, this event would end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`)
  } catch (error) {
    if (!EXISTS.has((error as { code?: string }).code ?? '')) throw error
  } finally {
    await client.end()
  }
}
