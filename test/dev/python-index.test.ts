import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findPythonIndex, indexUrlIn } from '../../dev/programs/python-index.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('the Python package index of a machine', () => {
  let home: string
  before(async () => {
    home = await tempDir()
    await mkdir(join(home, '.config', 'pip'), { recursive: true })
    await writeFile(join(home, '.config', 'pip', 'pip.conf'), '[global]\nindex-url = https://user.example/simple\n')
  })

  it('is that of the environment before that of any file', async () => {
    const env = { PIP_INDEX_URL: 'https://pip.example/simple', UV_DEFAULT_INDEX: 'https://uv.example/simple/' }
    assert.deepEqual(await findPythonIndex(env, home), { url: 'https://pip.example/simple/', source: 'PIP_INDEX_URL' })
    const { UV_DEFAULT_INDEX } = env
    assert.equal((await findPythonIndex({ UV_DEFAULT_INDEX }, home))?.url, 'https://uv.example/simple/')
    assert.equal((await findPythonIndex({ UV_INDEX_URL: 'house=https://named.example' }, home))?.url, 'https://named.example/')
  })

  it('is that of the strongest configuration file of pip', async () => {
    assert.equal((await findPythonIndex({ PATH: '' }, home))?.url, 'https://user.example/simple/')
    const PIP_CONFIG_FILE = join(home, 'named.conf')
    await writeFile(PIP_CONFIG_FILE, '[install]\nindex_url: https://named.example/simple')
    assert.deepEqual(await findPythonIndex({ PATH: '', PIP_CONFIG_FILE }, home), {
      url: 'https://named.example/simple/',
      source: PIP_CONFIG_FILE,
    })
  })

  it('is the default that the installed pip names, if nothing is configured', async () => {
    const bin = join(home, 'bin')
    await mkdir(bin)
    await writeFile(
      join(bin, 'python3'),
      '#!/bin/sh\necho "  -i <url>  Base URL (default\n    https://default.example/simple). More"\n',
    )
    await chmod(join(bin, 'python3'), 0o755)
    const found = await findPythonIndex({ PATH: bin }, join(home, 'nobody'))
    assert.deepEqual(found, { url: 'https://default.example/simple/', source: 'the default of python3' })
  })

  it('is none, if neither a configuration nor a pip nor a uv is there', async () => {
    assert.equal(await findPythonIndex({ PATH: join(home, 'none') }, join(home, 'nobody')), undefined)
  })

  it('keeps credentials out of the URL and hands them over as a header', async () => {
    const found = await findPythonIndex({ PIP_INDEX_URL: 'https://me:p%40ss@corp.example/simple' }, home)
    assert.equal(found?.url, 'https://corp.example/simple/')
    assert.equal(found?.authorization, `Basic ${Buffer.from('me:p@ss').toString('base64')}`)
  })
})

describe('a pip configuration file', () => {
  it('names its index in [install] before [global], with = or :, with - or _', () => {
    assert.equal(
      indexUrlIn('[global]\nindex-url = https://a.example\n[install]\nindex_url: https://b.example\n'),
      'https://b.example',
    )
    assert.equal(indexUrlIn('# note\r\n[global]\r\ntimeout=3\r\nindex-url=https://a.example\r\n'), 'https://a.example')
  })

  it('names none in another section, in a comment, or as an extra one', () => {
    assert.equal(indexUrlIn('[freeze]\nindex-url = https://a.example'), undefined)
    assert.equal(indexUrlIn('[global]\n# index-url = https://a.example\nextra-index-url = https://b.example'), undefined)
  })
})
