import { sql } from 'kysely'
import { MAX_ID, MAX_QUANTITY } from '../contracts/limits.ts'

/** The lines of row `o` of the orders without those that contracts/sound-lines.ts rejects. */
export const SOUND_LINES = sql`jsonb_path_query_array(o.lines, ${sql.lit(
  `lax $[*] ? (@.goodsId >= 1 && @.goodsId <= ${MAX_ID} && @.goodsId.type() == "number" && @.goodsId % 1 == 0
    && @.num >= 1 && @.num <= ${MAX_QUANTITY} && @.num.type() == "number" && @.num % 1 == 0)`,
)})`
