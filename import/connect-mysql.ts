import type { Connection } from 'mysql2/promise'

const load = () => import('mysql2/promise')

/**
 * Connects to MySQL or MariaDB. Its driver is an optional package: who imports nothing need not have it.
 * @param url mysql://user:password@host:port/database
 * @param driver loads the driver
 * @throws Error naming host and database (never the password), why not, and what to do
 */
export async function connectMysql(url: string, driver: typeof load = load): Promise<Connection> {
  const { hostname, port, pathname, username, password } = mysqlUrl(url)
  const { createConnection } = await driver().catch((error: { code?: string }) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Error('the package mysql2, which reads MySQL, is not installed: run npm install --include=optional')
  })
  try {
    const connection = await createConnection({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 3306),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
      charset: 'utf8mb4',
      dateStrings: true,
      supportBigNumbers: true,
    })
    // All that is read is of one moment, and nothing is written.
    await connection.query('set session transaction isolation level repeatable read')
    await connection.query('start transaction with consistent snapshot, read only')
    return connection
  } catch (error) {
    const { message, code } = error as Error & { code?: string }
    const at = `${hostname}:${port || 3306}${pathname}`
    throw new Error(`MySQL can't be used at ${at} (${message || code}): start it, or mend the address`)
  }
}

/** @throws Error if the text is no address of a MySQL database; it is not repeated, since it may hold a password */
export function mysqlUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'mysql:' && url.hostname !== '' && url.pathname.length > 1) return url
  throw new Error('must be the address of a MySQL database, as mysql://user:password@host:3306/joyshop_order')
}
