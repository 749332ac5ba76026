import { CART_SAFEGUARDS, type CartSafeguard, cartWithout } from './cart/safeguards.ts'
import { CART_WORLDS } from './cart/worlds.ts'
import { explore, printTrace } from './checker.ts'
import { LIFE_SAFEGUARDS, type LifeSafeguard, lifeWithout } from './life/safeguards.ts'
import { LIFE_WORLDS } from './life/worlds.ts'
import { protocol } from './protocol.ts'
import { SAFEGUARDS, type Safeguard, safeguardsWithout } from './safeguards.ts'
import { SCENARIOS } from './scenarios.ts'

/**
 * `node --import tsx test/proof/model/explore.ts [SAFEGUARD...]`: explores every scenario of creation, of the life after it, and of
 * the natural key of cart orders, without the safeguards named, and prints its size, or a shortest trace to what is violated; at the end the most memory that was held at once.
 */
const removed = process.argv.slice(2)
for (const name of removed) {
  const known = Object.keys({ ...SAFEGUARDS, ...LIFE_SAFEGUARDS, ...CART_SAFEGUARDS })
  if (!known.includes(name)) throw new Error(`no safeguard ${name}: name some of ${known.join(', ')}`)
}
for (const [name, setting] of Object.entries(SCENARIOS)) {
  const model = protocol(setting(safeguardsWithout(...(removed as Safeguard[]))))
  const began = performance.now()
  const { states, steps, quiet, violation } = explore(model)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${name}: ${states} states, ${steps} steps, ${quiet} quiet, ${seconds} s`)
  if (violation) console.log(printTrace(model, violation))
}
const worlds = [
  ...Object.entries(LIFE_WORLDS).map(
    ([name, world]) => [name, () => world(lifeWithout(...(removed as LifeSafeguard[])))] as const,
  ),
  ...Object.entries(CART_WORLDS).map(
    ([name, world]) => [name, () => world(cartWithout(...(removed as CartSafeguard[])))] as const,
  ),
]
for (const [name, world] of worlds) {
  const began = performance.now()
  const { states, steps, quiet, violated, trace } = world()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${name}: ${states} states, ${steps} steps, ${quiet} quiet, ${seconds} s`)
  if (violated !== undefined) console.log(trace)
}
console.log(`peak memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`)
