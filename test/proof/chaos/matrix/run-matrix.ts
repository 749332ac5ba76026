import { StockEquation } from '../../../e2e/stock.ts'
import { testStack } from '../../../support/stack.ts'
import { type Cell, meetsOthers } from './cells.ts'
import { MatrixShop } from './matrix-shop.ts'
import { type CellResult, runCell, warmUp } from './run-cell.ts'
import { hasOwnInventory } from './steps.ts'

/** Cells of one lane at once: more of them, and a busy machine would time out by itself. */
const AT_ONCE = 8

/**
 * Runs these cells on the test stack, many at once; those that meet others as well one after the other, at the end of their lane.
 * @param onResult hears of each cell as it ends
 * @throws AssertionError if a cell that seemed right left the stock or the books of all of them wrong
 */
export async function runMatrix(cells: readonly Cell[], onResult: (result: CellResult) => void): Promise<CellResult[]> {
  const stack = await testStack()
  const shared = cells.filter(({ lane }) => !hasOwnInventory(lane))
  const goodsIds = shared.map(({ goodsId }) => goodsId)
  const equation = goodsIds.length > 0 ? await StockEquation.of(stack, goodsIds) : undefined
  const lanes = new Set(cells.map(({ lane }) => lane))
  const shop = await MatrixShop.open(stack, lanes)
  try {
    const results = await Promise.all(
      [...lanes].map(async (lane) => {
        const ofLane = cells.filter((cell) => cell.lane === lane)
        const run = async (cell: Cell) => {
          const result = await runCell(shop, cell)
          onResult(result)
          return result
        }
        await warmUp(shop, shop.lane(lane))
        const together = await atOnce(
          AT_ONCE,
          ofLane.filter((cell) => !meetsOthers(cell)),
          run,
        )
        return [...together, ...(await atOnce(1, ofLane.filter(meetsOthers), run))]
      }),
    )
    await equation?.assertHolds()
    return results.flat()
  } finally {
    await shop.close()
  }
}

/** Maps with so many under way at the same time. */
async function atOnce<T, R>(width: number, all: readonly T[], map: (one: T) => Promise<R>): Promise<R[]> {
  const left = [...all]
  const results: R[] = []
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) results.push(await map(one))
    }),
  )
  return results
}
