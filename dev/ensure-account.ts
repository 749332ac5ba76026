import pg from 'pg'

/** An account of PostgreSQL with the rights of a role. */
export interface Account {
  name: string
  /** Role of which it is a member. */
  role: string
}

/**
 * Creates an account on the server that a connection string names, unless it exists; its password is that of the connection string.
 * @returns the connection string by which the account reaches the same database
 */
export async function ensureAccount(url: string, { name, role }: Account): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  const own = new URL(url)
  own.username = encodeURIComponent(name)
  try {
    // One at a time: of two that create it at once one would fail.
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name])
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name])
    const password = pg.escapeLiteral(decodeURIComponent(own.password))
    const account = pg.escapeIdentifier(name)
    await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${account} LOGIN PASSWORD ${password}`)
    await client.query(`GRANT ${pg.escapeIdentifier(role)} TO ${account}`)
  } finally {
    await client.end()
  }
  return own.href
}
