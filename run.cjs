/*
 * `node run.cjs FILE.ts …` runs a program of this project; every npm script begins with it. A Node that is too old for the project
 * has to be able to read this file, in order to say so: nothing newer than Node 10 stands in it, and nothing is imported before.
 */
const [needed] = /\d.*/.exec(require('./package.json').engines.node)

if (isOlder(process.versions.node, needed)) {
  console.error(`Node ${needed} or newer is needed, this is ${process.versions.node}: install another, or choose it (nvm use)`)
  process.exit(1)
}
const { resolve } = require('node:path')
const { pathToFileURL } = require('node:url')

// The program finds its arguments as if it had been run by itself.
process.argv.splice(1, 1)
process.argv[1] = resolve(process.argv[1])
import('tsx').then(
  () => import(pathToFileURL(process.argv[1]).href),
  (error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    console.error(
      'the packages that run TypeScript are not installed: run npm ci first, or what npm run build made (node dist/worker.js)',
    )
    process.exit(1)
  },
)

function isOlder(version, than) {
  const [major, minor] = version.split('.').map(Number)
  const [leastMajor, leastMinor] = than.split('.').map(Number)
  return major < leastMajor || (major === leastMajor && minor < leastMinor)
}
