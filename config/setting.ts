/** An environment, as `process.env` has it. */
export type Environment = Record<string, string | undefined>

/**
 * The programs that read settings, by the names of their npm scripts; `npm run services` runs goods, inventory and user in one process, `orders --server` is `npm run orders` with that option, which reads
 * no other settings, and `audit` is `npm run import -- --audit`, which reads the settings of `import` only if there is a store.
 */
export type Program =
  | 'starter'
  | 'worker'
  | 'migrate'
  | 'register'
  | 'orders'
  | 'orders --server'
  | 'codec'
  | 'import'
  | 'audit'
  | 'goods'
  | 'inventory'
  | 'user'

/** One entry of the table of settings (config/settings.ts): all there is to say of a setting. */
export interface Setting<T = unknown> {
  readBy: readonly Program[]
  /** The text that holds if the variable is not set. A setting without a default is required, unless it is optional. */
  default?: string
  optional?: true
  /** Set if the text may hold a password, a token or a key. It may stand in a file then (secret-files.ts), and no problem repeats it. */
  secret?: true
  /** A sentence or phrase that stands alone: it is the documentation, and the message if the setting is missing. */
  meaning: string
  /** @throws Error saying what the text has to be; it repeats the text only if that is no secret. */
  parse: (text: string) => T
}

export type SettingTable = Readonly<Record<string, Setting>>

/** The values of the settings that a program reads, as properties named after them: `HTTP_WAIT_MS` is `httpWaitMs`. */
export type ValuesFor<Table extends SettingTable, P extends Program> = {
  [Name in NamesFor<Table, P> as Table[Name] extends { optional: true } ? never : CamelCase<Name>]: Value<Table[Name]>
} & {
  [Name in NamesFor<Table, P> as Table[Name] extends { optional: true } ? CamelCase<Name> : never]?: Value<Table[Name]>
}

type NamesFor<Table extends SettingTable, P extends Program> = {
  [Name in keyof Table & string]: [Extract<Table[Name]['readBy'][number], P>] extends [never] ? never : Name
}[keyof Table & string]

type Value<S extends Setting> = ReturnType<S['parse']>

type CamelCase<Name extends string> = Name extends `${infer Word}_${infer Rest}`
  ? `${Lowercase<Word>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<Name>

/**
 * Reads the settings of some programs that share one process. An empty variable is one that is not set.
 * @returns values that may be used only if there are no problems, and the problems, a line each; they name no secret
 */
export function readSettings<const Table extends SettingTable, P extends Program>(
  table: Table,
  programs: readonly P[],
  env: Environment,
): { values: ValuesFor<Table, P>; problems: string[] } {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, { readBy, default: otherwise, optional, meaning, parse }] of Object.entries<Setting>(table)) {
    if (!readBy.some((reader) => (programs as readonly Program[]).includes(reader))) continue
    const text = env[name]?.trim() || otherwise
    if (text !== undefined) attempt(name, problems, () => (values[camelCase(name)] = parse(text)))
    else if (!optional) problems.push(`${name} is missing: ${meaning}`)
  }
  return { values: values as ValuesFor<Table, P>, problems }
}

/** Whatever the parser of a setting returns; `undefined` if it throws, which becomes a problem. */
export function attempt<T>(name: string, problems: string[], parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    // Only the first line: a TOML error goes on with lines of the file, which may hold an API key.
    problems.push(`${name} ${(error as Error).message.split('\n')[0]}`)
    return undefined
  }
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}
