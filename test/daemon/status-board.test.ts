/** The daemon's status: what is read is what the deltas say, and a delta costs what it changes. */
import { expect, test } from 'vitest'
import { StatusBoard } from '../../src/daemon/status-board.ts'
import { applyDelta } from '../../src/status/delta.ts'
import { EMPTY_STATUS, type Status } from '../../src/status/status.ts'
import { RandomStatus } from '../status/random-status.ts'

test.each([1, 2, 3, 4])('however seldom it is read, it is all deltas in their order (seed %d)', (seed) => {
  const random = new RandomStatus(seed)
  const board = new StatusBoard()
  let expected: Status = EMPTY_STATUS
  for (let i = 0; i < 300; i++) {
    const delta = i % 60 === 0 ? random.status(5) : random.delta(expected)
    expected = applyDelta(expected, delta)
    board.change(delta)
    if (random.chance.chance(0.1)) expect(board.current).toEqual(expected)
  }
  expect(board.current).toEqual(expected)
  expect(board.current).toBe(board.current)
})

test('who hears of a delta can read the status with it', () => {
  const board = new StatusBoard()
  const states: string[] = []
  board.listen(() => states.push(board.current.connection.state))
  board.change({ connection: { state: 'connecting' } })
  board.change({ connection: { state: 'connected' } })
  expect(states).toEqual(['connecting', 'connected'])
})

test('a change of one of 50,000 streams does not cost all of them', () => {
  const random = new RandomStatus(5)
  const board = new StatusBoard()
  const status = random.status(50_000)
  board.change(status)
  const before = board.current
  const [id] = status.streams.keys()
  // With a copy of all streams for each this would take minutes.
  for (let downloaded = 0; downloaded < 200_000; downloaded++) {
    board.change({ streams: new Map([[id!, { progress: { total: 200_000, downloaded } }]]) })
  }
  expect(before.streams.get(id!)).toEqual(status.streams.get(id!))
  expect(board.current.streams.get(id!)?.progress?.downloaded).toBe(199_999)
})
