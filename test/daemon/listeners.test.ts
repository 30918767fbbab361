import { expect, test, vi } from 'vitest'
import { Listeners } from '../../src/daemon/listeners.ts'

test('a listener that throws is logged; the others hear, and the teller goes on', () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const listeners = new Listeners<number>()
  const heard: number[] = []
  const failure = new Error('mine')
  listeners.add(() => {
    throw failure
  })
  listeners.add((value) => heard.push(value))
  listeners.tell(1)
  listeners.tell(2)
  expect(heard).toEqual([1, 2])
  expect(logged.mock.calls.map(([, error]: unknown[]) => error)).toEqual([failure, failure])
  logged.mockRestore()
})

test('one function added twice hears twice, and stops once at a time', () => {
  const listeners = new Listeners<number>()
  const heard: number[] = []
  const hear = (value: number) => heard.push(value)
  const stop = listeners.add(hear)
  listeners.add(hear)
  listeners.tell(1)
  stop()
  stop()
  listeners.tell(2)
  expect(heard).toEqual([1, 1, 2])
})
