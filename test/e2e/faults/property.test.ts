import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkflowNotFoundError } from '@temporalio/client'
import fc from 'fast-check'
import { type TestStack, testStack } from '../../support/stack.ts'
import { StockEquation } from '../stock.ts'
import { type Command, commands } from './commands.ts'
import { Customers } from './customers.ts'

/** How many random stories; more by hand: `RUNS=200 npx mocha test/e2e/faults/property.test.ts`. */
const RUNS = Number(process.env.RUNS ?? 15)
const SEED = Number(process.env.SEED ?? 20_240_601)
/** No new story after that, unless one asked for more runs. Milliseconds. */
const BOUND_MS = process.env.RUNS ? Number.POSITIVE_INFINITY : 45_000

/** Everything that a story may touch. */
const GOODS_IDS = [41, 42, 43, 191, 195, 200]
