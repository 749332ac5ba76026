import { userInfo } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { MAX_ID } from '../contracts/limits.ts'
import { shownLines } from '../contracts/shown-text.ts'
import { cancelOrder } from './cancel-order.ts'
import { eraseRecipients } from './erase-recipients.ts'
import { dropEvent, eventsText, listEvents, sendEventsAgain } from './events.ts'
import { findOrder } from './find-order.ts'
import { keepOrder } from './keep-order.ts'
import { listOrders, listText } from './list-orders.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import { proposedText } from './proposed-text.ts'
import { reconcileOrders, takeBaseline } from './reconcile-orders.ts'
import { reconciledText } from './reconciled-text.ts'
import { listRefunds, markRefunded, refundsText } from './refunds.ts'
import { resolveAnswered } from './resolve-answered.ts'
import { resolveOrder } from './resolve-order.ts'
import { resolveProposed } from './resolve-proposed.ts'
import { retryOrder } from './retry-order.ts'
import { rewrapKeys } from './rewrap-keys.ts'
import { sagaPicture } from './saga-picture.ts'
import { sealRows } from './seal-rows.ts'
import { showOrder } from './show-order.ts'

/** Result of a verb: text for stdout, and whether all is well. */
export interface Outcome {
  text: string
  well: boolean
}

/** The verb resolve takes one of these: each excludes the others. */
const VERDICTS = ['sold', 'notSold', 'proposed', 'asAnswered', 'close']
const othersThan = (verdict: string) => VERDICTS.filter((one) => one !== verdict)

/** Runs one verb over parts that are joined for it. */
type Perform = (verb: (deps: OperatorDeps) => Promise<Outcome>) => Promise<void>

/** The command line of `npm run orders -- …`: every verb with its options. */
export function createProgram(run: Perform): Command {
  /** Text of callers and services does nothing to the terminal, whichever verb shows it. */
  const perform: Perform = (verb) =>
    run(async (deps) => {
      const { text, well } = await verb(deps)
      return { text: shownLines(text), well }
    })
  const program = new Command('orders')
    .description('Looks after orders: what is stuck, why, and what can be done about it.')
    .addHelpText('after', '\nExit status: 0 done, 1 refused, failed, or something is unexplained, 2 bad usage.')
    .showHelpAfterError()

  program
    .command('list')
    .description('orders that are stuck, in doubt or being compensated')
    .option('--json', 'for machines')
    .action(async ({ json }) =>
      perform(async (deps) => {
        const orders = await listOrders(deps)
        return told(json, orders, listText(orders))
      }),
    )

  program
    .command('find')
    .description('the number of the order that a user placed under an idempotency key, which no run names')
    .requiredOption('--user <id>', 'number of the user', userId)
    .requiredOption('--key <key>', 'the Idempotency-Key, or requestId')
    .action(async ({ user, key }) => perform(async (deps) => done(await findOrder(deps, { userId: user, requestId: key }))))

  program
    .command('show')
    .description('the saga of one order: steps, attempts, undo, stock and money, runs, audit trail')
    .argument('<orderSn>')
    .option('--json', 'for machines')
    .action(async (orderSn, { json }) =>
      perform(async (deps) => {
        const shown = await showOrder(deps, orderSn)
        return told(json, shown, sagaPicture(shown))
      }),
    )

  byOperator(
    program.command('retry').description('the next attempt now: of its run, or of one that settles it').argument('<orderSn>'),
  ).action(async (orderSn, options) => perform(async (deps) => done(await retryOrder(deps, orderSn, operatorOf(options)))))

  byOperator(
    program.command('cancel').description('cancels an order that is not paid: what it holds is given back').argument('<orderSn>'),
  ).action(async (orderSn, options) => perform(async (deps) => done(await cancelOrder(deps, orderSn, operatorOf(options)))))

  program
    .command('refunds')
    .description('payments that are to be given back, and why')
    .option('--json', 'for machines')
    .action(async ({ json }) =>
      perform(async (deps) => {
        const owed = await listRefunds(deps)
        return told(json, owed, refundsText(owed))
      }),
    )

  program
    .command('refunded')
    .description('records that a payment was given back')
    .argument('<payment>', 'as refunds names it: provider/paymentId')
    .requiredOption('--by <name>', 'who gave it back', text)
    .requiredOption('--why <text>', 'how, such as the number of the refund', text)
    .action(async (payment, { by, why }) => perform(async (deps) => done(await markRefunded(deps, payment, { by, why }))))

  program
    .command('erase')
    .description("erases who a user's orders went to, for good: their names, addresses, phone numbers and notes")
    .requiredOption('--user <id>', 'whose', userId)
    .requiredOption('--by <name>', 'who does it', text)
    .requiredOption('--why <text>', 'the reason, for the audit trail: no personal data', text)
    .option('--paid-too', 'also while orders are paid and not finished, which nobody can be sent then')
    .action(async ({ user, paidToo = false, by, why }) =>
      perform(async (deps) => done(await eraseRecipients(deps, user, { by, why, paidToo }))),
    )

  program
    .command('seal')
    .description('seals the recipients that stand in clear: of orders of before, imported ones, those of Temporal clients')
    .action(async () => perform(async (deps) => done(await sealRows(deps))))

  program
    .command('rewrap')
    .description('wraps the keys of recipients by the first key of RECIPIENT_KEYS_FILE: the others can go then')
    .action(async () => perform(async (deps) => done(await rewrapKeys(deps))))

  byOperator(
    program
      .command('events')
      .description('events that the webhook does not have: given up, or waiting to be tried again')
      .addOption(new Option('--again <event>', 'sends one again, named as ORDER/SEQ').conflicts(['all', 'drop']))
      .addOption(
        new Option('--drop <event>', 'gives up for good to deliver one, named as ORDER/SEQ; it takes --why').conflicts('all'),
      )
      .option('--all', 'sends all again that were given up')
      .option('--json', 'for machines'),
  ).action(async ({ again, all, drop, json, ...options }, command: Command) => {
    if (drop && command.getOptionValueSource('why') === 'default')
      command.error("error: '--drop' takes the reason: '--why <text>'")
    await perform(async (deps) => {
      if (drop) return done(await dropEvent(deps, drop, operatorOf(options)))
      if (again ?? all) return done(await sendEventsAgain(deps, again ?? 'given up', operatorOf(options)))
      const rows = await listEvents(deps)
      return told(json, rows, eventsText(rows))
    })
  })

  program
    .command('resolve')
    .description(
      'settles an order in doubt by what was found out in the inventory, or one that a run calls confirmed and the store does not',
    )
    .argument('[orderSn]', 'without it, with --proposed: every order in doubt')
    .addOption(new Option('--sold', 'its pieces are counted as sold there: they are given back').conflicts(othersThan('sold')))
    .addOption(
      new Option('--keep', 'with --sold: it goes on to its payment, at the prices of today').conflicts(othersThan('sold')),
    )
    .addOption(new Option('--not-sold', 'they are not: nothing is owed').conflicts(othersThan('notSold')))
    .addOption(
      new Option('--proposed', 'as the stock of its goods says, if it does: shows the verdict and why').conflicts(
        othersThan('proposed'),
      ),
    )
    .addOption(new Option('--apply', 'with --proposed: settles it so').conflicts(othersThan('proposed')))
    .addOption(new Option('--json', 'with --proposed: for machines').conflicts(othersThan('proposed')))
    .addOption(new Option('--as-answered', 'it is confirmed again, as its run answered').conflicts(othersThan('asAnswered')))
    .addOption(
      new Option('--close', 'it is closed against what its run answered, and its stock given back').conflicts(
        othersThan('close'),
      ),
    )
    .option('--by <name>', 'who found out', text)
    .option('--why <text>', 'how', text)
    .action(async (orderSn: string | undefined, { sold, keep, notSold, asAnswered, close, ...given }, command: Command) => {
      const { proposed, apply = false, json } = given
      if (proposed) {
        const operator = { by: given.by ?? accountName(), why: given.why ?? 'proposed' }
        return await perform(async (deps) => {
          const resolved = await resolveProposed(deps, { apply, orderSn }, operator)
          const { verdicts, undecided } = resolved
          return told(json, resolved, proposedText(resolved), undecided.length === 0 && verdicts.every(({ done }) => done))
        })
      }
      if (orderSn === undefined) command.error("error: missing required argument 'orderSn'")
      if (given.by === undefined) command.error("error: required option '--by <name>' not specified")
      if (given.why === undefined) command.error("error: required option '--why <text>' not specified")
      const operator = { by: given.by, why: given.why }
      if (asAnswered || close) {
        const verdict = close ? 'close' : 'asAnswered'
        return await perform(async (deps) => done(await resolveAnswered(deps, orderSn, verdict, operator)))
      }
      if (!sold && !notSold) {
        command.error(
          "error: say what was found out: '--sold' or '--not-sold'; of an order that was answered: '--as-answered' or '--close'",
        )
      }
      if (keep) return await perform(async (deps) => done(await keepOrder(deps, orderSn, operator)))
      await perform(async (deps) => done(await resolveOrder(deps, orderSn, sold ? 'sold' : 'notSold', operator)))
    })

  byOperator(
    program
      .command('reconcile')
      .description('compares every order with the inventory, names what is wrong, proposes repairs')
      .addOption(new Option('--apply', 'carries the repairs out, then compares again').conflicts('baseline'))
      .option('--return-unknown', 'with --apply: gives back sales without an order, too')
      .option('--return-answered', 'with --apply: the same of those that a run called confirmed')
      .option('--baseline', 'vouches for stock and orders as they are now: later comparisons hold the stock against it')
      .option('--goods <ids>', 'with --baseline: goods that were never ordered, such as 1-200,205', goodsIds)
      .option('--json', 'for machines'),
  ).action(async ({ apply = false, returnUnknown = false, returnAnswered = false, baseline, goods = [], json, ...options }) =>
    perform(async (deps) => {
      if (baseline) {
        const { taken, moving } = await takeBaseline(deps, goods)
        const left = moving.length > 0 ? `; orders are moving goods ${moving.join(', ')}: try these again` : ''
        return told(json, { taken, moving }, `the baseline of ${taken.length} goods was taken${left}`, moving.length === 0)
      }
      const reconciled = await reconcileOrders(deps, { apply, returnUnknown, returnAnswered }, operatorOf(options))
      return told(json, reconciled, reconciledText(reconciled), reconciled.explained)
    }),
  )

  return program
}

function byOperator(command: Command): Command {
  return command
    .option('--by <name>', 'who does it', text, accountName())
    .option('--why <text>', 'the reason, for the audit trail', text, 'not given')
}

function operatorOf({ by, why }: { by: string; why: string }): Operator {
  return { by, why }
}

function told(json: boolean | undefined, data: unknown, inWords: string, well = true): Outcome {
  return { text: json ? JSON.stringify(data, null, 2) : inWords, well }
}

function done(inWords: string): Outcome {
  return { text: inWords, well: true }
}

function text(given: string): string {
  if (given.trim() === '' || given.includes('\0')) throw new InvalidArgumentError('It must not be empty.')
  return given.trim()
}

function userId(given: string): number {
  if (!/^[1-9]\d{0,9}$/.test(given) || Number(given) > MAX_ID) throw new InvalidArgumentError('It has to be the id of a user.')
  return Number(given)
}

function goodsIds(given: string): number[] {
  return given.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part.trim()) ?? []
    const [from, to] = [Number(first), Number(last)]
    if (!(from >= 1 && from <= to && to <= MAX_ID && to - from < 100_000)) {
      throw new InvalidArgumentError('It has to be a list of goods ids and ranges of them, such as 1-200,205.')
    }
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}

/** Some containers have no account for their user id. */
function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
