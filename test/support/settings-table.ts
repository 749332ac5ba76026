import type { Setting } from '../../config/setting.ts'
import { SETTINGS } from '../../config/settings.ts'

/** config/settings.ts as docs/settings.md shows it, between its `<!-- settings -->` markers. */
export function settingsTable(): string {
  const rows = Object.entries<Setting>(SETTINGS).map(([name, { readBy, default: otherwise, optional, secret, meaning }]) => {
    const unset = otherwise === undefined ? (optional ? 'none' : 'required') : `\`${otherwise}\``
    const named = secret ? `\`${name}\`, \`${name}_FILE\`` : `\`${name}\``
    return `| ${named} | ${unset} | ${readBy.join(', ')} | ${meaning} |`
  })
  return ['| Setting | Default | Read by | Meaning |', '|---|---|---|---|', ...rows].join('\n')
}
