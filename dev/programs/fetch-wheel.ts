import { createHash } from 'node:crypto'
import { download } from './download.ts'
import type { PythonIndex } from './python-index.ts'

/** A file of a package, as an index lists it. */
export interface WheelFile {
  filename: string
  /** Absolute. */
  url: string
  /** Hex; an index need not give one. */
  sha256?: string
}

/** JSON of PEP 691 if the index has it, else the HTML of PEP 503. */
const ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1'

/**
 * The wheel of a package's version for this machine, its SHA-256 compared with the one that the index lists.
 * @throws Error that says what is missing: the package, the version, the platform, the checksum
 */
export async function fetchWheel(index: PythonIndex, name: string, version: string): Promise<Buffer> {
  const page = new URL(`${name}/`, index.url)
  const listed = await download(page.href, { headers: { accept: ACCEPT, ...authorizationFor(page.href, index) } })
  const wheels = filesIn(listed.body.toString('utf8'), listed.contentType, listed.url).filter(({ filename }) =>
    filename.startsWith(`${name.replaceAll('-', '_')}-${version}-`),
  )
  const wheel = wheels.find(({ filename }) => runsHere(filename))
  if (!wheel) {
    const lacking = wheels.length === 0 ? `no ${name} ${version}` : `no wheel for ${process.platform}-${process.arch}`
    throw new Error(`the index has ${lacking}`)
  }
  if (!wheel.sha256) throw new Error(`the index lists no sha256 for ${wheel.filename}, so it is not used`)
  const { body } = await download(wheel.url, { headers: authorizationFor(wheel.url, index) })
  const actual = createHash('sha256').update(body).digest('hex')
  if (actual !== wheel.sha256) throw new Error(`${wheel.filename} has sha256 ${actual}, the index says ${wheel.sha256}: not used`)
  return body
}

/** Credentials go to the index itself, never to the host of files that it refers to. */
function authorizationFor(url: string, { url: indexUrl, authorization }: PythonIndex): Record<string, string> {
  return authorization && new URL(url).origin === new URL(indexUrl).origin ? { authorization } : {}
}

function filesIn(page: string, contentType: string, pageUrl: string): WheelFile[] {
  if (contentType.includes('json')) {
    const { files } = JSON.parse(page) as { files: { filename: string; url: string; hashes?: { sha256?: string } }[] }
    return files.map(({ filename, url, hashes }) => fileOf(filename, new URL(url, pageUrl), hashes?.sha256))
  }
  return [...page.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["'][^>]*>\s*([^<]+?)\s*<\/a>/gi)].map(
    ([, href = '', filename = '']) => {
      const url = new URL(href.replaceAll('&amp;', '&'), pageUrl)
      return fileOf(filename, url, /^#sha256=([0-9a-f]{64})$/i.exec(url.hash)?.[1])
    },
  )
}

function fileOf(filename: string, url: URL, sha256: string | undefined): WheelFile {
  return { filename, url: url.href, ...(sha256 && { sha256: sha256.toLowerCase() }) }
}

/** Reports whether one of the platform tags that end a wheel's name is this machine's. */
function runsHere(filename: string): boolean {
  const arch = { x64: 'x86_64', arm64: process.platform === 'darwin' ? 'arm64' : 'aarch64' }[process.arch as string]
  const tag = { linux: `(many|musl)linux\\w*_${arch}`, darwin: `macosx_\\d+_\\d+_${arch}`, win32: 'win_amd64' }[
    process.platform as string
  ]
  return tag !== undefined && new RegExp(`[-.]${tag}(\\.[\\w.]+)?\\.whl$`).test(filename)
}
