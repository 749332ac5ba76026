import assert from 'node:assert/strict'
import { isOpen } from '../../codec/private-file.ts'

const OURS = 1000

describe('a file of secrets', () => {
  it('is its owner’s alone, whatever of it others may do', () => {
    assert.equal(isOpen({ mode: 0o100400, uid: OURS }, OURS), false)
    assert.equal(isOpen({ mode: 0o100600, uid: OURS }, OURS), false)
    for (const mode of [0o440, 0o640, 0o420, 0o410, 0o404, 0o402, 0o401]) {
      assert.equal(isOpen({ mode, uid: OURS }, OURS), true, mode.toString(8))
      assert.equal(isOpen({ mode, uid: 0 }, 0), true, `${mode.toString(8)}, of root, read by root`)
      assert.equal(isOpen({ mode, uid: OURS + 1 }, OURS), true, `${mode.toString(8)}, of somebody else`)
    }
  })

  it('may be root’s and read by our group, as Kubernetes mounts a Secret; nothing more', () => {
    for (const mode of [0o400, 0o440, 0o640]) assert.equal(isOpen({ mode, uid: 0 }, OURS), false, mode.toString(8))
    for (const mode of [0o460, 0o450, 0o444, 0o442, 0o441]) assert.equal(isOpen({ mode, uid: 0 }, OURS), true, mode.toString(8))
  })
})
