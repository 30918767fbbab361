import { EventEmitter } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { offerReload } from '../../electron/crash.ts'

class FakeWindow {
  readonly webContents = Object.assign(new EventEmitter(), { reload: vi.fn() })
  readonly close = vi.fn()
  isGone = false
  isDestroyed = () => this.isGone

  crash(reason = 'crashed'): void {
    this.webContents.emit('render-process-gone', {}, { reason })
  }
}

test('a window that crashes is offered anew, as often as it crashes', async () => {
  const window = new FakeWindow()
  const ask = vi.fn(async (_reason: string) => true)
  offerReload(window, ask)
  for (const reason of ['crashed', 'oom']) {
    window.crash(reason)
    await setImmediate()
  }
  expect(ask.mock.calls).toEqual([['crashed'], ['oom']])
  expect([window.webContents.reload.mock.calls.length, window.close.mock.calls.length]).toEqual([2, 0])
})

test('who does not want it anew gets the window closed', async () => {
  const window = new FakeWindow()
  offerReload(window, async () => false)
  window.crash()
  await setImmediate()
  expect([window.webContents.reload.mock.calls.length, window.close.mock.calls.length]).toEqual([0, 1])
})

test('nobody is asked twice at once, nor for a page that ended as it should, nor for a window that is gone', async () => {
  const window = new FakeWindow()
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const ask = vi.fn(() => promise)
  offerReload(window, ask)
  window.crash('clean-exit')
  expect(ask).not.toHaveBeenCalled()
  window.crash()
  window.crash()
  expect(ask).toHaveBeenCalledOnce()
  window.isGone = true
  resolve(true)
  await setImmediate()
  window.crash()
  expect([ask.mock.calls.length, window.webContents.reload.mock.calls.length]).toEqual([1, 0])
})
