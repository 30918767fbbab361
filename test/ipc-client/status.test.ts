import { expect, test } from 'vitest'
import { StatusStore } from '../../src/ipc/client/status.ts'
import { encodeMessage, type WireMessage } from '../../src/status/message.ts'
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

// As they arrive: other objects, never the sender's own.
const snapshot = (epoch: string, sequence: number, status: Status): WireMessage =>
  structuredClone(encodeMessage({ kind: 'snapshot', epoch, sequence, status }))

const delta = (sequence: number, change: StatusDelta): WireMessage =>
  structuredClone(encodeMessage({ kind: 'delta', sequence, delta: change }))

const connecting: StatusDelta = { connection: { state: 'connecting' } }

function begin() {
  const source = fakeSource<string, WireMessage>()
  const log: string[] = []
  const acks: [watchId: string, sequence: number][] = []
  const store = new StatusStore({
    watch: { open: source.subscribe, ack: (...ack) => acks.push(ack) },
    onSnapshot: () => log.push('snapshot'),
    onLost: () => log.push('lost'),
  })
  return { source, store, log, acks }
}

test('before the first snapshot the status is empty', () => {
  expect(begin().store.getSnapshot()).toBe(EMPTY_STATUS)
})

test('deltas are applied to the snapshot in order', () => {
  const { source, store } = begin()
  source.last().send(snapshot('e', 0, start))
  source.last().send(delta(1, connecting))
  source.last().send(delta(2, { streams: new Map([[2, { lastSyncedAt: 5 }]]) }))
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
  source.last().send(delta(1, { streams: new Map([[2, { lastSyncedAt: 5 }]]) }))
  const after = store.getSnapshot()
  expect(after.connection).toBe(before.connection)
  expect(after.priorities).toBe(before.priorities)
  expect(after.streams.get(1)).toBe(before.streams.get(1))
  expect(after.streams.get(2)).not.toBe(before.streams.get(2))
})

test('each message is acknowledged once it is taken', () => {
  const { source, acks } = begin()
  const { input } = source.last()
  source.last().send(snapshot('e', 0, start))
  source.last().send(delta(1, connecting))
  expect(acks).toEqual([
    [input, 0],
    [input, 1],
  ])
})

test('after a gap the last one is acknowledged again, and the old status stays until the snapshot', () => {
  const { source, store, acks } = begin()
  source.last().send(snapshot('e', 0, start))
  const shown = store.getSnapshot()
  source.last().send(delta(2, connecting))
  source.last().send(delta(3, connecting))
  expect(acks.map(([, sequence]) => sequence)).toEqual([0, 0, 0])
  expect(store.getSnapshot()).toBe(shown)
  source.last().send(snapshot('e', 4, EMPTY_STATUS))
  source.last().send(delta(5, connecting))
  expect(source.opened).toHaveLength(1)
  expect(store.getSnapshot()).toEqual({ ...EMPTY_STATUS, connection: { state: 'connecting' } })
})

test('a delta before any snapshot changes nothing, and asks for one', () => {
  const { source, store, acks } = begin()
  source.last().send(delta(1, connecting))
  expect(store.getSnapshot()).toBe(EMPTY_STATUS)
  expect(acks.map(([, sequence]) => sequence)).toEqual([-1])
})

test('a second snapshot keeps the identity of what is equal, and tells nobody when all is', () => {
  const { source, store } = begin()
  let heard = 0
  source.last().send(snapshot('e', 0, start))
  const before = store.getSnapshot()
  store.subscribe(() => heard++)
  source.last().send(snapshot('f', 1, start))
  expect([store.getSnapshot() === before, heard]).toEqual([true, 0])
  source.last().send(snapshot('f', 2, { ...start, streams: new Map([[2, stream(2)]]) }))
  expect(store.getSnapshot().streams.get(2)).toBe(before.streams.get(2))
})

test('those who listen to messages hear each with its size and the status it stands for', () => {
  const { source, store } = begin()
  const heard: unknown[] = []
  const stop = store.onMessage((message) => heard.push(message))
  source.last().send(snapshot('e', 0, start))
  source.last().send(delta(1, { downloadError: { code: 'x', message: 'naïve' } }))
  const wire = [1, 1, [4, ['x', 'naïve']]]
  expect(heard[0]).toMatchObject({ kind: 'snapshot', epoch: 'e', sequence: 0, delta: null, status: start })
  expect(heard[1]).toEqual({
    kind: 'delta',
    epoch: 'e',
    sequence: 1,
    bytes: Buffer.byteLength(JSON.stringify(wire)),
    wire,
    delta: { downloadError: { code: 'x', message: 'naïve' } },
    status: store.getSnapshot(),
  })
  stop()
  source.last().send(delta(2, connecting))
  expect(heard).toHaveLength(2)
})

test('a snapshot on the same watch starts anew: the host came back', () => {
  const { source, store, log } = begin()
  source.last().send(snapshot('e', 0, start))
  source.last().send(delta(1, connecting))
  source.last().send(snapshot('f', 0, start))
  source.last().send(delta(1, { downloadError: { code: 'broken', message: 'The stream broke.' } }))
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
  source.last().send(delta(1, connecting))
  stop()
  source.last().send(delta(2, { connection: { state: 'connected' } }))
  expect(heard).toBe(2)
})
