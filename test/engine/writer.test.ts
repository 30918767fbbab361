/** One writes at a time, in order, and nobody waits longer than they want to. */
import { describe, expect, test, vi } from 'vitest'
import { whileBusy } from '../../src/engine/patience.ts'
import { Writer } from '../../src/engine/writer.ts'
import { StorageError } from '../../src/storage/storage.ts'

/** Keep this thread busy, as a merge does. */
function merge(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe('Writer', () => {
  test('runs at once when nobody writes', () => {
    const work = vi.fn<() => void>()
    void new Writer().run(work)
    expect(work).toHaveBeenCalledOnce()
  })

  test('everybody else waits until a hold is released, then each in order', async () => {
    const writer = new Writer()
    const order: string[] = []
    const release = await writer.hold(1000)
    const first = writer.run(() => order.push('first'))
    const second = writer.hold(1000).then((end) => {
      order.push('second')
      end()
    })
    const third = writer.run(() => order.push('third'))
    expect(order).toEqual([])
    release()
    release()
    await Promise.all([first, second, third])
    expect(order).toEqual(['first', 'second', 'third'])
  })

  test('an error of one reaches its caller alone', async () => {
    const writer = new Writer()
    const failing = writer.run(() => {
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await writer.run(() => 7)).toBe(7)
  })

  test('who waits too long is refused, and is not run afterwards', async () => {
    const writer = new Writer()
    const release = await writer.hold(1000)
    const work = vi.fn<() => void>()
    await expect(writer.run(work, 10)).rejects.toMatchObject({ code: 'lock_timeout' })
    release()
    await writer.run(() => undefined)
    expect(work).not.toHaveBeenCalled()
  })

  test('the time of merges does not count', async () => {
    const writer = new Writer()
    const release = await writer.hold(1000)
    const merging = writer.run(() => merge(150))
    const again = writer.hold(1000)
    const waiting = writer.run(() => 'written', 100)
    setTimeout(release, 20)
    await merging
    setTimeout(await again, 20)
    expect(await waiting).toBe('written')
  })

  test('between the slices of one, nobody else writes and everything else goes on', async () => {
    const writer = new Writer()
    const order: string[] = []
    const sliced = writer.runSliced(function* () {
      for (const slice of ['one', 'two', 'three']) {
        order.push(slice)
        yield
        expect(writer.isBetweenSlices).toBe(false)
      }
      return 'done'
    })
    expect(writer.isBetweenSlices).toBe(true)
    const waiting = writer.run(() => order.push('next'))
    setImmediate(() => order.push('a message'))
    expect(order).toEqual(['one'])
    expect(await sliced).toBe('done')
    await waiting
    expect(order).toEqual(['one', 'two', 'a message', 'three', 'next'])
  })

  test('an error of a later slice reaches its caller, and the next one writes', async () => {
    const writer = new Writer()
    const failing = writer.runSliced(function* () {
      yield
      throw new Error('no')
    })
    const waiting = writer.run(() => 7)
    await expect(failing).rejects.toThrow('no')
    expect(await waiting).toBe(7)
  })

  test('closing between two slices returns the generator', async () => {
    const writer = new Writer()
    const rolledBack = vi.fn<() => void>()
    const sliced = writer.runSliced(function* () {
      try {
        yield
      } finally {
        rolledBack()
      }
    })
    writer.close()
    expect(rolledBack).toHaveBeenCalledOnce()
    await expect(sliced).rejects.toMatchObject({ code: 'closed' })
  })

  test('a roll-back that fails stops no close: who waits is refused all the same', async () => {
    const writer = new Writer()
    const sliced = writer.runSliced(function* () {
      try {
        yield
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- This is what is tested.
        throw new Error('The disk is gone.')
      }
    })
    const waiting = writer.run(() => undefined)
    writer.close()
    await expect(sliced).rejects.toMatchObject({ code: 'closed' })
    await expect(waiting).rejects.toMatchObject({ code: 'closed' })
  })

  test('closing refuses who waits and who comes later', async () => {
    const writer = new Writer()
    await writer.hold(1000)
    const waiting = writer.run(() => undefined, 1000)
    writer.close()
    await expect(waiting).rejects.toMatchObject({ code: 'closed' })
    await expect(writer.hold(1)).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('whileBusy', () => {
  const busy = new StorageError('database_busy', 'busy')

  test('tries again until the database is free', async () => {
    const attempt = vi.fn<() => Promise<string>>().mockRejectedValueOnce(busy).mockRejectedValueOnce(busy)
    attempt.mockResolvedValue('done')
    expect(await whileBusy(5000, attempt)).toBe('done')
    expect(attempt).toHaveBeenCalledTimes(3)
  })

  test('gives up with the error when the time is over, and at once for another one', async () => {
    await expect(whileBusy(50, () => Promise.reject(busy))).rejects.toBe(busy)
    const full = new StorageError('database_full', 'full')
    const attempt = vi.fn<() => Promise<never>>().mockRejectedValue(full)
    await expect(whileBusy(5000, attempt)).rejects.toBe(full)
    expect(attempt).toHaveBeenCalledOnce()
  })
})
