import { run } from '../shared/run.ts'
import { startConfiguredGoods } from './configured-goods.ts'

await run('goods', ['goods'], (config, log) => [startConfiguredGoods(config, log)])
