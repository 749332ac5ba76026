import assert from 'node:assert/strict'

/**
 * Gives `assert.ok` a message of its own. Without one, Node looks for the asserted expression in the file, at the position that it
 * has in tsx's output, which is a single line: where the file goes on for 2,500 characters behind that column, Node parses it until
 * its stack overflows, for minutes, and nothing is seen of the failure meanwhile.
 */
export function plainOk(): void {
  const ok = assert.ok
  assert.ok = (value, message = 'it does not hold') => ok.call(assert, value, message)
}
