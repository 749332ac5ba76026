/**
 * The path of a member that one of the objects of this JSON has twice, such as `lines[2].num`; `undefined` if there is none. Which of
 * two values counts is up to each parser: a gateway may have judged the one that JSON.parse drops.
 * @param json well-formed
 */
export function doubledMember(json: string): string | undefined {
  const open: { names?: Set<string>; at: string | number }[] = []
  let text = ''
  for (let i = 0; i < json.length; i++) {
    const inside = open.at(-1)
    switch (json[i]) {
      case '"': {
        const from = i
        do i += json[i] === '\\' ? 2 : 1
        while (i < json.length && json[i] !== '"')
        text = json.slice(from, i + 1)
        break
      }
      case '{':
        open.push({ names: new Set(), at: '' })
        break
      case '[':
        open.push({ at: 0 })
        break
      case '}':
      case ']':
        open.pop()
        break
      case ',':
        if (typeof inside?.at === 'number') inside.at++
        break
      case ':': {
        // Only now is the text before it a name; "\u0061" is the name "a".
        const name: string = JSON.parse(text)
        if (!inside?.names) break
        inside.at = name
        if (inside.names.has(name)) return pathOf(open.map(({ at }) => at))
        inside.names.add(name)
      }
    }
  }
  return undefined
}

function pathOf(steps: (string | number)[]): string {
  return steps.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${step}`)).join('')
}
