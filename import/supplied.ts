import { isId } from '../contracts/kinds.ts'

/**
 * Reads what an owner says was ever put into the inventory: a line `GOODS,PIECES` for each goods; a first line of words is a heading.
 * @throws Error naming the first line that is something else
 */
export function suppliedOf(text: string): Map<number, number> {
  const supplied = new Map<number, number>()
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || (i === 0 && /^[^\d]/.test(line))) continue
    const [, goods, pieces] = /^\s*(\d{1,10})\s*[,;\t]\s*(\d{1,15})\s*$/.exec(line) ?? []
    const goodsId = Number(goods)
    if (!isId(goodsId)) throw new Error(`line ${i + 1} of the file of --supplied must be GOODS,PIECES, such as 421,1000`)
    supplied.set(goodsId, (supplied.get(goodsId) ?? 0) + Number(pieces))
  }
  return supplied
}
