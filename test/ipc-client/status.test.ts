import { expect, test } from 'vitest'
import { StatusStore } from '../../src/ipc/client/status.ts'
import { encodeDelta, encodeStatus, type StatusMessage } from '../../src/status/message.ts'
import { EMPTY_STATUS, type Status, type StatusDelta, type StreamStatus } from '../../src/status/status.ts'
import { fakeSource } from './fake-source.ts'

const stream = (id: number): StreamStatus => ({
  id,
  name: 'project_issues',
  params: { project: `p${id}` },
  priority: 2,
  active: true,
  isDefault: false,
  hasExplicitSubscription: true,
  expiresAt: null,
  lastSyncedAt: null,
  progress: null,
  error: null,
  holders: [],
})

const start: Status = {
  ...EMPTY_STATUS,
  connection: { state: 'connected' },
  streams: new Map([1, 2].map((id) => [id, stream(id)])),
}

const snapshot = (epoch: string, sequence: number, status: Status): StatusMessage => ({
  kind: 'snapshot',
  epoch,
  sequence,
  // As it arrives: another object, never the sender's own.
  status: structuredClone(encodeStatus(status)),
})

const delta = (epoch: string, sequence: number, change: StatusDelta): StatusMessage => ({
  kind: 'delta',
  epoch,
  sequence,
  delta: structuredClone(encodeDelta(change)),
})

const connecting: StatusDelta = { connection: { state: 'connecting' } }

function begin() {
  const source = fakeSource<{ readonly watchId: string }, StatusMessage>()
  const log: string[] = []
  const store = new StatusStore({
    watch: source.subscribe,
    onSnapshot: () => log.push('snapshot'),
    onLost: () => log.push('lost'),
  })
  return { source, store, log }
}

test('before the first snapshot the status is empty', () => {
  expect(begin().store.getSnapshot()).toBe(EMPTY_STATUS)
})

test('deltas are applied to the snapshot in order', () => {
  const { source, store } = begin()
  source.last().send(snapshot('e', 0, start))
  source.last().send(delta('e', 1, connecting))
  source.last().send(delta('e', 2, { streams: new Map([[2, { lastSyncedAt: 5 }]]) }))
  expect(store.getSnapshot()).toEqual({
    ...start,
    connection: { state: 'connecting' },
    streams: new Map([
      [1, stream(1)],
      [2, { ...stream(2), lastSyncedAt: 5 }],
    ]),
  })
})

test('what a delta does not name keeps its identity', () => {
  const { source, store } = begin()
  source.last().send(snapshot('e', 0, start))
  const before = store.getSnapshot()
  source.last().send(delta('e', 1, { streams: new Map([[2, { lastSyncedAt: 5 }]]) }))
  const after = store.getSnapshot()
  expect(after.connection).toBe(before.connection)
  expect(after.priorities).toBe(before.priorities)
  expect(after.streams.get(1)).toBe(before.streams.get(1))
  expect(after.streams.get(2)).not.toBe(before.streams.get(2))
})

test('a gap opens the watch anew, and the old status stays until the next snapshot', () => {
  const { source, store } = begin()
  source.last().send(snapshot('e', 0, start))
  const shown = store.getSnapshot()
  const old = source.last()
  old.send(delta('e', 2, connecting))
  expect(source.opened).toHaveLength(2)
  expect(source.last().input.watchId).not.toBe(old.input.watchId)
  expect(store.getSnapshot()).toBe(shown)
  old.send(delta('e', 3, connecting))
  expect(store.getSnapshot()).toBe(shown)
  source.last().send(snapshot('e', 0, EMPTY_STATUS))
  expect(store.getSnapshot()).toEqual(EMPTY_STATUS)
})

test('a delta of another epoch opens the watch anew', () => {
  const { source, store } = begin()
  source.last().send(snapshot('e', 0, start))
  source.last().send(delta('f', 1, connecting))
  expect(source.opened).toHaveLength(2)
  expect(store.getSnapshot().connection).toEqual({ state: 'connected' })
})

test('a delta before any snapshot changes nothing', () => {
  const { source, store } = begin()
  source.last().send(delta('e', 1, connecting))
  expect(store.getSnapshot()).toBe(EMPTY_STATUS)
  expect(source.opened).toHaveLength(1)
})

test('a snapshot on the same watch starts anew: the host came back', () => {
  const { source, store, log } = begin()
  source.last().send(snapshot('e', 0, start))
  source.last().send(delta('e', 1, connecting))
  source.last().send(snapshot('f', 0, start))
  source.last().send(delta('f', 1, { downloadError: { code: 'broken', message: 'The stream broke.' } }))
  expect(store.getSnapshot()).toEqual({
    ...start,
    downloadError: { code: 'broken', message: 'The stream broke.' },
  })
  expect(log).toEqual(['snapshot', 'snapshot'])
})

test('a watch that the host ends is reported as lost', () => {
  const { source, log } = begin()
  source.last().send(snapshot('e', 0, start))
  source.last().fail(new Error('gone'))
  expect(log).toEqual(['snapshot', 'lost'])
})

test('listeners hear each change once, and none after they stopped', () => {
  const { source, store } = begin()
  let heard = 0
  const stop = store.subscribe(() => heard++)
  source.last().send(snapshot('e', 0, start))
  source.last().send(delta('e', 1, connecting))
  stop()
  source.last().send(delta('e', 2, { connection: { state: 'connected' } }))
  expect(heard).toBe(2)
})
