/**
 * Judges the statements of one migration by the rule that a build of the release before goes on with the new schema, and that nobody waits long for a lock
 * (CONTRIBUTING, "Changing the schema"). Only what the rule knows passes: anything else is a breach until this file knows it, or it is named as an
 * exception. What stands in the bodies of functions is not looked at.
 * @param statements in their order, as PostgreSQL gets them
 * @returns the breaches, each with why it is one
 */
export function judgeMigration(statements: readonly string[]): string[] {
  const made = new Set<string>()
  return statements.flatMap((statement) => {
    const text = plainText(statement)
    const judged = KNOWN.find(({ form }) => form.test(text))
    const { groups = {} } = judged?.form.exec(text) ?? {}
    if (!judged) return [`${text}: no statement of which the rule knows that the release before goes on with it`]
    return judged.breaches(groups, made).map((why) => `${text}: ${why}`)
  })
}

type Groups = Readonly<Record<string, string>>

interface Known {
  form: RegExp
  /** @param made names of what this migration has made by then: nobody reads it yet, so anything may be done to it; a form adds what it makes */
  breaches: (groups: Groups, made: Set<string>) => string[]
}

const makes = ({ name = '' }: Groups, made: Set<string>) => {
  made.add(name)
  return []
}
const onlyOfItsOwn =
  (why: string) =>
  ({ on = '' }: Groups, made: Set<string>) =>
    made.has(on) ? [] : [`${on} was there before: ${why}`]

const KNOWN: readonly Known[] = [
  { form: /^select current_schema\(\)/, breaches: () => [] },
  { form: /^create (table|sequence) (?<name>\w+)/, breaches: makes },
  { form: /^create function (?<name>\w+) ?\(/, breaches: makes },
  // It keeps the name, the arguments and the result: PostgreSQL refuses another.
  { form: /^create or replace function \w+ ?\(/, breaches: () => [] },
  { form: /^create trigger \w+ (before|after) [^;]*? on (?<on>\w+) /, breaches: () => [] },
  { form: /^grant /, breaches: () => [] },
  {
    form: /^create (unique )?index \w+ on (?<on>\w+) /,
    breaches: onlyOfItsOwn('its index belongs into indexes.ts, which builds it beside the orders that are being created'),
  },
  { form: /^insert into (?<on>\w+) /, breaches: onlyOfItsOwn('its rows are those of builds that do not know these') },
  {
    form: /^revoke .* on (function|table|sequence|) ?(?<on>\w+)/,
    breaches: onlyOfItsOwn('the release before has need of its rights'),
  },
  {
    form: /^alter table (?<on>\w+) (?<actions>.*)$/,
    breaches: ({ on = '', actions = '' }, made) => (made.has(on) ? [] : atTopLevel(actions).flatMap(breachesOfAction)),
  },
]

/** Judges what is done to a table that was there before. */
function breachesOfAction(action: string): string[] {
  if (/^alter column \w+ set (default|statistics) /.test(action)) return []
  const [, column, definition = ''] = /^add column (\w+) (.*)$/.exec(action) ?? []
  if (!column)
    return [`"${action}" takes away or changes what the release before reads or writes, or reads the table under a lock`]
  const hasDefault = /\bdefault\b/.test(definition)
  return [
    ...(/\bnot null\b/.test(definition) && !hasDefault
      ? [`column ${column} is neither nullable nor has a default: the release before inserts none`]
      : []),
    ...(/\b(check|unique|primary key|references)\b/.test(definition)
      ? [`the constraint of column ${column} reads the table under a lock`]
      : []),
    ...(/\b(generated|serial|bigserial)\b|default (nextval|gen_random_uuid|random|clock_timestamp)\b/.test(definition)
      ? [`column ${column} has a value of its own for each row: the table is written anew under a lock`]
      : []),
  ]
}

/** The statement in one line of small letters, without comments, contents of texts and quotes around names. */
function plainText(statement: string): string {
  return statement
    .replaceAll(/--.*$/gm, ' ')
    .replaceAll(/\$\$.*?\$\$/gs, "''")
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll('"', '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}

/** Splits at the commas that stand in no parentheses. */
function atTopLevel(actions: string): string[] {
  let depth = 0
  const parts = ['']
  for (const character of actions) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts.map((part) => part.trim())
}
