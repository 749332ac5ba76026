import { encodedBytes } from './encoded-size.ts'

interface Texts {
  name: string
  image: string
}

/**
 * Lets the texts of goods give way if all of them together are too large for a payload: they decide nothing, and no order fails for
 * them. Names are cut, and the address of an image is left out, since a part of one would be another.
 * @param maxBytes as `encodedBytes` counts; what the items hold beside their texts has to be far below it
 */
export function fitTexts<Item extends Texts>(items: readonly Item[], maxBytes: number): Item[] {
  const size = encodedBytes(items)
  if (size <= maxBytes) return [...items]
  const texts = items.reduce((sum, { name, image }) => sum + textBytes(name) + textBytes(image), 0)
  const each = Math.max(0, Math.floor((maxBytes - (size - texts)) / (2 * items.length)))
  return items.map((item) => ({ ...item, name: cut(item.name, each), image: textBytes(item.image) > each ? '' : item.image }))
}

function textBytes(text: string): number {
  return encodedBytes(text) - 2 // its quotes
}

function cut(text: string, maxBytes: number): string {
  if (textBytes(text) <= maxBytes) return text
  const characters = [...text]
  let fitting = 0
  for (let beyond = characters.length; beyond - fitting > 1; ) {
    const half = Math.floor((fitting + beyond) / 2)
    if (textBytes(characters.slice(0, half).join('')) <= maxBytes) fitting = half
    else beyond = half
  }
  return characters.slice(0, fitting).join('')
}
