/** The child process behind a read channel. */
import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { forkReader } from '../../src/engine/read-process/channel.ts'

const child = Object.assign(new EventEmitter(), { unref: () => undefined, pid: 1 })
vi.mock('node:child_process', () => ({ fork: () => child }))

test('a process that fails more than once is one exit, and no uncaught error', async () => {
  let exits = 0
  forkReader('entry.ts')().onExit(() => exits++)
  child.emit('error', new Error('spawn failed'))
  child.emit('error', new Error('kill failed'))
  child.emit('exit', 1)
  await Promise.resolve()
  expect(exits).toBe(1)
})
