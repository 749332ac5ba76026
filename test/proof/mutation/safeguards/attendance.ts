import { inFile } from '../mutation.ts'

const ATTENDANCE = 'test/temporal/attendance.test.ts'

/** Safeguards of who attends to an order, and of what reconciliation makes of orders that change while it reads them. */
export const ATTENDANCE_SAFEGUARDS = [
  ...inFile(
    'temporal/gets-on.ts',
    [ATTENDANCE],
    [
      {
        find: "if (run.status !== 'RUNNING') return false",
        replace: '',
        breaks: 'nobody settles an order whose run was terminated',
      },
      {
        find: 'run.orderSns.includes(orderSn)',
        replace: 'true',
        breaks: 'nobody settles an order under whose Workflow Id another one is made',
      },
      {
        find: 'Date.now() - tsToMs(last.eventTime) < stalledAfterMs',
        replace: 'true',
        breaks: 'nobody settles an order whose run waits on a task queue that nobody polls',
      },
    ],
  ),
  ...inFile(
    'temporal/attendance.ts',
    ['test/operators/answered.test.ts'],
    [
      {
        find: "return answer ? { kind: 'answered', ...answer } : { kind: 'abandoned' }",
        replace: "return { kind: 'abandoned' }",
        breaks: 'the sweep closes an order whose caller was told that it stands',
      },
      {
        find: 'order.wasConfirmed ? undefined : await',
        replace: 'await',
        breaks: 'an order that the shop has closed keeps its stock, since its run once answered, rightly, that it was confirmed',
      },
    ],
  ),
  ...inFile(
    'reconciliation/reconcile.ts',
    ['test/reconciliation/reconcile.test.ts'],
    [
      {
        find: 'after?.version === seen.holding?.version',
        replace: 'true',
        breaks: 'an order that changes between two looks is accused of what it never was, and repaired',
      },
    ],
  ),
]
