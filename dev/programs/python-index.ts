import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A Python package index (PEP 503, PEP 691). */
export interface PythonIndex {
  /** Address of the index's root, ending with `/`, without credentials. */
  url: string
  /** Value of the header, if the configured URL has credentials. */
  authorization?: string
  /** Source of the address: shown to people in place of a URL. */
  source: string
}

const VARIABLES = ['PIP_INDEX_URL', 'UV_DEFAULT_INDEX', 'UV_INDEX_URL']

/** Their help texts name the index that they use if none is configured. */
const CLIENTS: [string, string[]][] = [
  ['python3', ['-m', 'pip', 'help', 'install']],
  ['python', ['-m', 'pip', 'help', 'install']],
  ['pip3', ['help', 'install']],
  ['pip', ['help', 'install']],
  ['uv', ['pip', 'install', '--help']],
]

/**
 * The package index that this machine is configured to use: environment, then pip's configuration files, then the
 * default of the pip or uv that is installed. No index is named in this project.
 */
export async function findPythonIndex(env: NodeJS.ProcessEnv = process.env, home = homedir()): Promise<PythonIndex | undefined> {
  for (const name of VARIABLES) {
    // uv's form may give the index a name: `corporate=https://…`
    const value = env[name]?.replace(/^\w[\w-]*=(?=\w+:)/, '')
    if (value) return indexOf(value, name)
  }
  for (const file of pipConfigurationFiles(env, home)) {
    const value = indexUrlIn(await readFile(file, 'utf8').catch(() => ''))
    if (value) return indexOf(value, file)
  }
  for (const [command, args] of CLIENTS) {
    // A narrow terminal would wrap the text within the URL.
    const { stdout } = await run(command, args, { env: { ...env, COLUMNS: '500' } }).catch(() => ({ stdout: '' }))
    const value = /default:?\s+<?(https:[^\s)>]+)/.exec(stdout)?.[1]
    if (value) return indexOf(value, `the default of ${command}`)
  }
  return undefined
}

/** The strongest first, as pip ranks them. */
export function pipConfigurationFiles(env: NodeJS.ProcessEnv, home: string): string[] {
  const windows = process.platform === 'win32'
  const name = windows ? 'pip.ini' : 'pip.conf'
  const files = [env.PIP_CONFIG_FILE, env.VIRTUAL_ENV && join(env.VIRTUAL_ENV, name)]
  if (windows) {
    files.push(env.APPDATA && join(env.APPDATA, 'pip', name), join(home, 'pip', name))
    files.push(env.PROGRAMDATA && join(env.PROGRAMDATA, 'pip', name))
  } else {
    if (process.platform === 'darwin') files.push(join(home, 'Library', 'Application Support', 'pip', name))
    files.push(join(env.XDG_CONFIG_HOME || join(home, '.config'), 'pip', name), join(home, '.pip', name))
    if (process.platform === 'darwin') files.push(join('/Library/Application Support/pip', name))
    files.push(join('/etc/xdg/pip', name), join('/etc', name))
  }
  return files.filter((file): file is string => Boolean(file))
}

/** `index-url` of a pip configuration file: what `[install]` says goes before `[global]`. */
export function indexUrlIn(text: string): string | undefined {
  const found = new Map<string, string>()
  let section = ''
  for (const line of text.split(/\r?\n/)) {
    section = /^\[(.+)\]\s*$/.exec(line)?.[1]?.trim().toLowerCase() ?? section
    const value = /^index[-_]url\s*[=:]\s*(\S+)/i.exec(line)?.[1]
    if (value) found.set(section, value)
  }
  return found.get('install') ?? found.get('global')
}

function indexOf(value: string, source: string): PythonIndex | undefined {
  if (!URL.canParse(value)) return undefined
  const url = new URL(value)
  const { username, password } = url
  url.username = ''
  url.password = ''
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  if (!username && !password) return { url: url.href, source }
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return { url: url.href, source, authorization: `Basic ${credentials}` }
}
