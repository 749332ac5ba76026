import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { anchorsOf } from './anchors.ts'

const PROJECT = join(import.meta.dirname, '../..')

describe('the links of the documents', () => {
  it('lead to files that are there, and to headings in them', () => {
    const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownBelow('docs')]
    assert.ok(documents.length >= 15)
    assert.deepEqual(documents.flatMap(deadLinksOf), [])
  })

  it('are found out when they are dead', () => {
    const text =
      '# A b\n[x](#a-b) [y](#c) [z](no/such.ts) [w](README.md#no-such) [v](https://example.com/a)\n```\n[u](gone)\n```\n'
    assert.deepEqual(deadLinksIn('here.md', text), ['here.md: #c', 'here.md: no/such.ts', 'here.md: README.md#no-such'])
    assert.deepEqual(anchorsOf("# It's `x` and [y](z)\n```\n# no\n```\n"), ['its-x-and-y'])
  })
})

function markdownBelow(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file))
}

function deadLinksOf(file: string): string[] {
  return deadLinksIn(file, readFileSync(join(PROJECT, file), 'utf8'))
}

function deadLinksIn(file: string, markdown: string): string[] {
  const links = [...markdown.replaceAll(/^```.*?^```$/gms, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => !/^\w+:/.test(link) && isDead(file, markdown, link)).map((link) => `${file}: ${link}`)
}

function isDead(file: string, markdown: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = normalize(join(dirname(file), path))
  if (path !== '' && !existsSync(join(PROJECT, target))) return true
  if (anchor === undefined || (path !== '' && !path.endsWith('.md'))) return false
  return !anchorsOf(path === '' ? markdown : readFileSync(join(PROJECT, target), 'utf8')).includes(anchor)
}
