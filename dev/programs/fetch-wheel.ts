import type { Checksums } from './checksums.ts'
import { download } from './download.ts'
import type { PythonIndex } from './python-index.ts'
import { verifyChecksum } from './verify-checksum.ts'

/** A file of a package, as an index lists it. */
export interface WheelFile {
  filename: string
  /** Absolute. */
  url: string
}

/** Sizes in bytes: indexes list every version of a package on one page; the largest wheel of ours has 46 MB. */
const MAX_PAGE = 32 << 20
const MAX_WHEEL = 128 << 20

/** JSON of PEP 691 if the index has it, else the HTML of PEP 503. */
const ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1'

/**
 * The wheel of a package's version for this machine. What the index says of its checksum is not asked: whoever could change
 * the wheel there could change that as well.
 * @throws Error that says what is missing, the package, the version or the platform, or why the wheel is refused
 */
export async function fetchWheel(index: PythonIndex, name: string, version: string, checksums: Checksums): Promise<Buffer> {
  const page = new URL(`${name}/`, index.url)
  const headers = { accept: ACCEPT, ...authorizationFor(page.href, index) }
  const listed = await download(page.href, { headers, maxBytes: MAX_PAGE })
  const wheels = filesIn(listed.body.toString('utf8'), listed.contentType, listed.url).filter(({ filename }) =>
    filename.startsWith(`${name.replaceAll('-', '_')}-${version}-`),
  )
  const wheel = wheels.find(({ filename }) => runsHere(filename))
  if (!wheel) {
    const lacking = wheels.length === 0 ? `no ${name} ${version}` : `no wheel for ${process.platform}-${process.arch}`
    throw new Error(`the index has ${lacking}`)
  }
  const { body } = await download(wheel.url, { headers: authorizationFor(wheel.url, index), maxBytes: MAX_WHEEL })
  verifyChecksum(wheel.filename, body, checksums)
  return body
}

/** Credentials go to the index itself, never to the host of files that it refers to. */
function authorizationFor(url: string, { url: indexUrl, authorization }: PythonIndex): Record<string, string> {
  return authorization && new URL(url).origin === new URL(indexUrl).origin ? { authorization } : {}
}

function filesIn(page: string, contentType: string, pageUrl: string): WheelFile[] {
  if (contentType.includes('json')) {
    const { files } = JSON.parse(page) as { files: WheelFile[] }
    return files.map(({ filename, url }) => ({ filename, url: new URL(url, pageUrl).href }))
  }
  return [...page.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["'][^>]*>\s*([^<]+?)\s*<\/a>/gi)].map(
    ([, href = '', filename = '']) => ({ filename, url: new URL(href.replaceAll('&amp;', '&'), pageUrl).href }),
  )
}

/** Reports whether one of the platform tags that end a wheel's name is this machine's. */
function runsHere(filename: string): boolean {
  const arch = { x64: 'x86_64', arm64: process.platform === 'darwin' ? 'arm64' : 'aarch64' }[process.arch as string]
  const tag = { linux: `(many|musl)linux\\w*_${arch}`, darwin: `macosx_\\d+_\\d+_${arch}`, win32: 'win_amd64' }[
    process.platform as string
  ]
  return tag !== undefined && new RegExp(`[-.]${tag}(\\.[\\w.]+)?\\.whl$`).test(filename)
}
