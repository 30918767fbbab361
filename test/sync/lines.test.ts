/** Rules L: what each line does. */
import { describe, expect, test } from 'vitest'
import type { StorageCommand } from '../../src/sync/event.ts'
import { step } from '../../src/sync/step.ts'
import type { SyncLine } from '../../src/wire/line.ts'
import { checkpoint, complete, data, diff, keepalive, partial, stream } from './lines.ts'
import { deeds, logs, Machine } from './machine.ts'

function connected(): Machine {
  const machine = new Machine()
  machine.start()
  return machine
}

/** What the machine asks of storage for one line. */
function asked(machine: Machine, line: SyncLine): readonly StorageCommand['do'][] {
  const { commands } = step(machine.state, machine.lineEvent(line))
  return commands.map((command) => command.do as StorageCommand['do'])
}

function trackedBy(machine: Machine, line: SyncLine) {
  return step(machine.state, machine.lineEvent(line)).commands.at(-1)
}

describe('L1: checkpoint', () => {
  test('hands over all buckets with the ids of their subscriptions, each once, ascending', () => {
    const machine = new Machine()
    machine.subscribe('a', { list: 1 })
    machine.start()
    const line = checkpoint(
      [
        { name: 'both', count: 3, reasons: [{ default: 0 }, { sub: 0 }, { sub: 0 }], priority: 1 },
        { name: 'none', count: 0, reasons: [] },
      ],
      [stream('d', true), stream('a')],
    )
    expect(trackedBy(machine, line)).toEqual({
      do: 'track_checkpoint',
      buckets: [
        { bucket: 'both', checksum: 3, count: 3, priority: 1, subscriptions: [1, 2] },
        { bucket: 'none', checksum: 0, count: 0, priority: 3, subscriptions: [] },
      ],
    })
  })

  test('supersedes a checkpoint in the middle of its data', () => {
    const machine = connected()
    machine.line(checkpoint([{ name: 'b', count: 4 }]))
    machine.line(data('b', 1))
    machine.line(checkpoint([{ name: 'b', count: 2 }]))
    expect(machine.status.downloading).toMatchObject({ total: 2, downloaded: 1 })
    machine.line(data('b', 1))
    machine.line(complete)
    expect(machine.stream('d')?.lastSyncedAt).toBe(machine.now)
  })
})

describe('L2: checkpoint_diff', () => {
  test('continues from an applied checkpoint, and counts reasons on its streams', () => {
    const machine = connected()
    machine.line(checkpoint([{ name: 'b', count: 1 }], [stream('d', true), stream('e', true)]))
    machine.line(data('b', 1))
    machine.line(complete)
    const line = diff([{ name: 'c', count: 2, reasons: [{ default: 1 }] }])
    expect(trackedBy(machine, line)).toMatchObject({
      do: 'track_diff',
      updated: [{ bucket: 'c', subscriptions: [machine.stream('e')?.id] }],
      removed: [],
    })
    machine.line(line)
    expect(machine.status.downloading).toMatchObject({ total: 2, downloaded: 0 })
    expect(machine.stream('e')?.progress).toEqual({ total: 2, downloaded: 0 })
  })

  test('takes away what removed buckets had to bring', () => {
    const machine = connected()
    machine.line(
      checkpoint([
        { name: 'a', count: 3 },
        { name: 'b', count: 4, priority: 1 },
      ]),
    )
    machine.line(data('b', 2))
    machine.line(diff([], ['b']))
    expect(machine.status.downloading).toEqual({
      total: 3,
      downloaded: 0,
      byPriority: [{ priority: 3, total: 3, downloaded: 0 }],
    })
  })
})

describe('L3: before any checkpoint of the iteration', () => {
  test.each([diff([]), complete, partial(1)])('$kind is a protocol error', (line) => {
    const machine = connected()
    machine.line(checkpoint([]))
    machine.line(complete)
    machine.start()
    const told = machine.line(line)
    expect(deeds(told)).toEqual(['fail', 'wake'])
    expect(told[0]).toMatchObject({ error: { code: 'protocol' } })
    expect(machine.status).toMatchObject({
      connection: { state: 'waiting', reason: { code: 'protocol' } },
      downloading: null,
      downloadError: { code: 'protocol' },
    })
  })
})

test('L4: data before a checkpoint is saved and counts once there is one', () => {
  const machine = connected()
  expect(asked(machine, data('b', 2))).toContain('save')
  machine.line(data('b', 2))
  expect(machine.status.downloading).toBeNull()
  machine.line(checkpoint([{ name: 'b', count: 3 }]))
  expect(machine.status.downloading).toMatchObject({ total: 3, downloaded: 2 })
})

describe('L5: partial_checkpoint_complete', () => {
  function withTwoPriorities(): Machine {
    const machine = connected()
    machine.line(
      checkpoint(
        [
          { name: 'first', count: 1, priority: 0, reasons: [{ default: 0 }] },
          { name: 'second', count: 1, priority: 1, reasons: [{ default: 1 }] },
          { name: 'last', count: 1, priority: 3, reasons: [{ default: 2 }] },
        ],
        [stream('a', true), stream('b', true), stream('c', true)],
      ),
    )
    return machine
  }

  test('merges its priority and lower numbers, and goes on tracking', () => {
    const machine = withTwoPriorities()
    machine.line(data('first', 1))
    machine.line(data('second', 1))
    machine.line(partial(1))
    expect(machine.status.priorities).toEqual([{ priority: 1, lastSyncedAt: machine.now }])
    expect(machine.status.downloading).toMatchObject({ total: 3, downloaded: 2 })
  })

  test('blocked, it is ignored; priority 0 is not blocked', () => {
    const machine = withTwoPriorities()
    machine.storage.write()
    machine.line(data('first', 1))
    machine.line(partial(0))
    expect(machine.stream('a')?.lastSyncedAt).toBe(machine.now)
    machine.line(data('second', 1))
    expect(machine.line(partial(1))).toEqual([])
    expect(machine.stream('b')?.lastSyncedAt).toBeNull()
    expect(machine.status.priorities).toEqual([{ priority: 0, lastSyncedAt: machine.now }])
  })
})

test('L6: checkpoint_complete merges everything and keeps the checkpoint for a diff', () => {
  const machine = connected()
  machine.line(checkpoint([{ name: 'b', count: 1 }]))
  machine.line(data('b', 1))
  expect(logs(machine.line(complete))).toEqual(['debug: Validated and applied checkpoint'])
  expect(machine.status).toMatchObject({
    connection: { state: 'connected' },
    downloading: null,
    priorities: [{ priority: 2147483647, lastSyncedAt: machine.now }],
  })
  expect(deeds(machine.line(diff([])))).toEqual([])
})

describe('L7: blocked by local writes', () => {
  /** A complete checkpoint that waits: one local write is in the queue. */
  function blocked(writeCheckpoint: bigint | null): Machine {
    const machine = connected()
    machine.storage.write()
    machine.line(checkpoint([{ name: 'b', count: 2 }], undefined, writeCheckpoint))
    machine.line(data('b', 2))
    expect(logs(machine.line(complete))).toEqual([
      'info: Could not apply checkpoint due to local data. Will retry at completed upload or next checkpoint.',
    ])
    return machine
  }

  test('the target stays, with its progress', () => {
    const machine = blocked(8n)
    expect(machine.status.downloading).toMatchObject({ total: 2, downloaded: 2 })
    expect(machine.stream('d')).toMatchObject({ lastSyncedAt: null, progress: { total: 2, downloaded: 2 } })
  })

  test.each([
    ['the upload', (machine: Machine) => machine.uploaded(8n)],
    ['the write checkpoint', (machine: Machine) => (machine.uploaded(null), machine.writeCheckpoint(8n))],
  ])('B2.45: applied after %s that it was waiting for', (_what, happen) => {
    const machine = blocked(8n)
    expect(happen(machine)).toEqual([
      { do: 'log', severity: 'debug', text: 'Applied pending checkpoint after completed upload' },
      { do: 'log', severity: 'debug', text: 'Applied checkpoint request id 8' },
      { do: 'reached', id: 8n },
    ])
    expect(machine.status.downloading).toBeNull()
    expect(machine.stream('d')?.lastSyncedAt).toBe(machine.now)
    expect(machine.writeCheckpoint(8n)).toEqual([])
  })

  test('B2.47: one that came too early waits without a word for the next', () => {
    const machine = blocked(7n)
    expect(machine.uploaded(8n)).toEqual([])
    expect(machine.stream('d')?.lastSyncedAt).toBeNull()
    machine.line(diff([], [], 8n))
    expect(machine.line(complete)).toContainEqual({ do: 'reached', id: 8n })
    expect(machine.stream('d')?.lastSyncedAt).toBe(machine.now)
  })

  test('B2.47: a checkpoint without a write checkpoint waits without a word, too', () => {
    const machine = blocked(null)
    expect(machine.uploaded(8n)).toEqual([])
    machine.line(diff([], [], 8n))
    machine.line(complete)
    expect(machine.stream('d')?.lastSyncedAt).toBe(machine.now)
  })

  test('B2.48: a warning if another write holds it back; it stays the target', () => {
    const machine = blocked(9n)
    const first = machine.storage.write() - 1
    expect(logs(machine.uploaded(8n, first))).toEqual([
      'warning: Could not apply pending checkpoint even after completed upload',
    ])
    expect(logs(machine.writeCheckpoint(8n))).toHaveLength(1)
    expect(machine.stream('d')?.lastSyncedAt).toBeNull()
    machine.line(diff([], [], 9n))
    machine.line(complete)
    machine.uploaded(9n)
    expect(machine.stream('d')?.lastSyncedAt).toBe(machine.now)
  })

  test('a write made after it is not proved by it, even if its upload is given the same id', () => {
    const machine = blocked(8n)
    machine.storage.write()
    expect(logs(machine.uploaded(8n))).toEqual([
      'warning: Could not apply pending checkpoint even after completed upload',
    ])
    expect(machine.stream('d')?.lastSyncedAt).toBeNull()
    machine.line(diff([], [], 8n))
    machine.line(complete)
    expect(machine.stream('d')?.lastSyncedAt).toBe(machine.now)
  })

  test('accepted without a write checkpoint: the gate stays closed, and no warning', () => {
    const machine = blocked(8n)
    expect(machine.uploaded(null)).toEqual([])
    expect(machine.stream('d')?.lastSyncedAt).toBeNull()
    expect(machine.status.downloading).toMatchObject({ total: 2, downloaded: 2 })
  })

  test('a new checkpoint forgets it', () => {
    const machine = blocked(8n)
    machine.line(diff([{ name: 'b', count: 3 }], [], 9n))
    expect(machine.uploaded(8n)).toEqual([])
    expect(machine.status.downloading).toMatchObject({ total: 3, downloaded: 2 })
  })
})

describe('L8: a checksum mismatch', () => {
  test.each([complete, partial(3)])('on $kind drops the bucket, closes visibly and waits', (line) => {
    const machine = connected()
    machine.line(checkpoint([{ name: 'b', count: 1, checksum: 0x1234 }]))
    machine.line(data('b', 1))
    const told = machine.line(line)
    expect(deeds(told)).toEqual(['close', 'wake'])
    expect(told).toContainEqual({ do: 'close', generation: 1, hideDisconnect: false })
    expect(logs(told)[0]).toMatch(/^warning: .* b \(expected 0x00001234, got 0x00000001\)$/)
    expect([...machine.storage.buckets.keys()]).toEqual([])
    expect(machine.status).toMatchObject({
      connection: { state: 'waiting', reason: { code: 'checksum_mismatch' }, retryAt: machine.now + 500 },
      downloading: null,
      downloadError: { code: 'checksum_mismatch' },
    })
    expect(machine.stream('d')?.lastSyncedAt).toBeNull()
  })
})

describe('L9: token_expires_in', () => {
  test.each([0, -5])('%d: fetches new credentials, closes visibly and waits', (seconds) => {
    const machine = connected()
    expect(machine.line(keepalive(seconds))).toEqual([
      { do: 'fetch_credentials', didExpire: true },
      { do: 'close', generation: 1, hideDisconnect: false },
      { do: 'wake', at: machine.now + 500 },
    ])
    expect(machine.status.connection).toMatchObject({ state: 'waiting', reason: { code: 'token_expired' } })
  })

  test('1 to 30: fetches ahead of time, again on the next one', () => {
    const machine = connected()
    for (const seconds of [30, 1]) {
      expect(machine.line(keepalive(seconds))).toEqual([{ do: 'fetch_credentials', didExpire: false }])
    }
    expect(machine.status.connection).toEqual({ state: 'connected' })
  })

  test('31: nothing', () => {
    expect(connected().line(keepalive(31))).toEqual([])
  })

  test.each([60, 30])('%d: a subscription that expired restarts the stream', (seconds) => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 1000 })
    machine.release('a')
    machine.start()
    machine.now += 1000
    expect(deeds(machine.line(keepalive(60)))).toEqual([])
    machine.now += 1
    const told = machine.line(keepalive(seconds))
    expect(told).toContainEqual({ do: 'close', generation: 1, hideDisconnect: true })
    expect(machine.stream('a')).toBeUndefined()
  })
})

test('L10: an unknown line is ignored', () => {
  const machine = connected()
  machine.line(checkpoint([{ name: 'b', count: 1 }]))
  const { state } = machine
  expect(logs(machine.line({ kind: 'unknown', name: 'x' }))).toEqual(['debug: Unknown sync line'])
  expect(machine.state).toBe(state)
})

test('L11: a line that cannot be decoded fails the stream', () => {
  const machine = connected()
  const error = { code: 'protocol', message: 'Not JSON.' }
  const { now } = machine
  const told = machine.send({ kind: 'malformed', generation: 1, error, now, random: 0.5 })
  expect(told).toEqual([
    { do: 'fail', error },
    { do: 'wake', at: now + 500 },
  ])
  expect(machine.status).toMatchObject({
    connection: { state: 'waiting', reason: error },
    downloadError: error,
  })
})
