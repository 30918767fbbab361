/** Rules K: clear and resync. */
import { describe, expect, test } from 'vitest'
import { NEVER } from '../../src/sync/event.ts'
import { MisplacedEvent } from '../../src/sync/step.ts'
import { checkpoint, complete, data, stream } from './lines.ts'
import { deeds, Machine, requestOf } from './machine.ts'

/** Synced: a default stream `d`, and `held` with parameters, which a window holds; `left` has TTL left. */
function synced(): Machine {
  const machine = new Machine()
  machine.subscribe('left')
  machine.subscribe('held', { x: 1 }, { priority: 1, ttl: NEVER, holder: 'w' })
  machine.release('left')
  machine.start()
  machine.line(checkpointOfAll)
  machine.line(data('b', 2))
  machine.line(complete)
  return machine
}

const checkpointOfAll = checkpoint(
  [{ name: 'b', count: 2, reasons: [{ default: 0 }, { sub: 1 }] }],
  [stream('d', true), stream('held'), stream('left')],
)

describe('K1: cleared', () => {
  test.each(['opening', 'streaming'] as const)('is a fault of the caller while %s', (phase) => {
    const machine = new Machine()
    machine.start()
    if (phase === 'streaming') machine.established()
    const { state } = machine
    expect(() => machine.clear()).toThrow(MisplacedEvent)
    expect(machine.state).toBe(state)
  })

  test.each([
    ['waiting', (machine: Machine) => machine.end()],
    ['restarting', (machine: Machine) => machine.refreshed()],
  ])('while %s leaves the next attempt as it is planned', (phase, happen) => {
    const machine = synced()
    happen(machine)
    const { connection } = machine.status
    expect(machine.clear()).toEqual([])
    expect(machine.status.connection).toEqual(connection)
    expect(machine.state.phase.at).toBe(phase)
    machine.now += 60_000
    expect(requestOf(machine.clock()).buckets).toEqual([])
  })
})

describe.each([
  ['hard', false],
  ['soft', true],
])('a %s clear', (_name, soft) => {
  function cleared(): Machine {
    const machine = synced()
    machine.stop()
    machine.clear(soft)
    return machine
  }

  test('K2: nothing is synced from then on, until it is again', () => {
    const machine = cleared()
    expect(machine.status).toMatchObject({ downloading: null, priorities: [], downloadError: null })
    expect(machine.stream('held', { x: 1 })?.lastSyncedAt).toBeNull()
    machine.now += 1000
    machine.start()
    machine.line(checkpointOfAll)
    expect(machine.status.priorities).toEqual([])
    expect(machine.stream('held', { x: 1 })?.lastSyncedAt).toBeNull()
    if (!soft) machine.line(data('b', 2))
    machine.line(complete)
    expect(machine.stream('d')?.lastSyncedAt).toBe(machine.now)
  })

  test('K2: the download error goes with what it was about', () => {
    const machine = synced()
    const error = { code: 'broken', message: 'The stream broke.' }
    machine.end({ kind: 'failed', error, retryAfter: null })
    expect(machine.status.downloadError).toEqual(error)
    machine.clear(soft)
    expect(machine.status.downloadError).toBeNull()
  })

  test('K3: what is held stays under its id, a new row, and is requested again as it was', () => {
    const before = synced().stream('held', { x: 1 })
    const machine = cleared()
    expect([...machine.status.streams.values()]).toEqual([
      { ...before, active: false, priority: null, lastSyncedAt: null },
    ])
    expect([...machine.storage.rows.values()]).toEqual([
      {
        id: before?.id,
        name: 'held',
        params: '{"x":1}',
        active: false,
        isDefault: false,
        priority: 1,
        ttl: NEVER,
        expiresAt: null,
        lastSyncedAt: null,
      },
    ])
    expect(requestOf(machine.start()).streams.subscriptions).toEqual([
      { stream: 'held', parameters: { x: 1 }, override_priority: 1 },
    ])
  })

  test('K3: nothing is left of what nobody holds, default streams too; their ids do not return', () => {
    const machine = cleared()
    machine.subscribe('left')
    expect(machine.stream('left')?.id).toBe(4)
  })

  test('K3: a holder that goes later starts the TTL, as ever', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 1000 })
    machine.clear(soft)
    machine.now += 5000
    machine.release('a')
    expect(machine.stream('a')?.expiresAt).toBe(machine.now + 1000)
  })

  test('survives a restart', () => {
    const machine = cleared()
    const restarted = new Machine(machine.storage)
    expect(restarted.status.priorities).toEqual([])
    expect(
      [...restarted.status.streams.values()].map(({ name, lastSyncedAt }) => [name, lastSyncedAt]),
    ).toEqual([['held', null]])
  })

  test('whose commit fails changes nothing', () => {
    const machine = synced()
    machine.stop()
    const { state, status } = machine
    const disk = machine.storage.load()
    machine.sendInVain({ kind: 'cleared', clearLocal: true, soft, now: machine.now })
    expect(machine.state).toBe(state)
    expect(machine.status).toBe(status)
    expect(machine.storage.load()).toEqual(disk)
  })
})

describe('K4: after a clear', () => {
  test('a hard one begins from nothing', () => {
    const machine = synced()
    machine.stop()
    machine.clear()
    expect(requestOf(machine.start()).buckets).toEqual([])
    machine.line(checkpointOfAll)
    expect(machine.status.downloading).toMatchObject({ total: 2, downloaded: 0 })
  })

  test('a soft one goes on where it was, with nothing to download', () => {
    const machine = synced()
    machine.stop()
    machine.clear(true)
    expect(requestOf(machine.start()).buckets).toEqual([{ name: 'b', after: '100' }])
    machine.line(checkpointOfAll)
    expect(machine.status.downloading).toMatchObject({ total: 0, downloaded: 0 })
    machine.line(complete)
    expect(machine.stream('held', { x: 1 })?.lastSyncedAt).toBe(machine.now)
  })
})

describe('K5: resynced', () => {
  test.each(['opening', 'streaming'] as const)('restarts a stream that is %s, from nothing', (phase) => {
    const machine = synced()
    machine.start()
    if (phase === 'streaming') machine.line(checkpointOfAll)
    expect(machine.resync()).toEqual([
      { do: 'close', generation: 2, hideDisconnect: true },
      { do: 'wake', at: machine.now },
    ])
    expect(machine.status.connection).toEqual({ state: 'connected' })
    const request = requestOf(machine.clock())
    expect(request.buckets).toEqual([])
    expect(request.streams.subscriptions).toHaveLength(2)
    machine.line(checkpointOfAll)
    expect(machine.status.downloading).toMatchObject({ total: 2, downloaded: 0 })
  })

  test('keeps the last syncs: the rows stay readable', () => {
    const machine = synced()
    const { priorities, streams } = machine.status
    machine.stop()
    machine.resync()
    expect(machine.status.priorities).toEqual(priorities)
    expect([...machine.status.streams.values()].map(({ lastSyncedAt }) => lastSyncedAt)).toEqual(
      [...streams.values()].map(({ lastSyncedAt }) => lastSyncedAt),
    )
  })

  test.each([
    ['stopped', (machine: Machine) => machine.stop()],
    ['waiting', (machine: Machine) => machine.end()],
    ['restarting', (machine: Machine) => machine.refreshed()],
  ])('while %s it opens nothing', (phase, happen) => {
    const machine = synced()
    happen(machine)
    expect(deeds(machine.resync())).toEqual([])
    expect(machine.state.phase.at).toBe(phase)
    expect(requestOf(machine.start()).buckets).toEqual([])
  })

  test('forgets a checkpoint that was blocked', () => {
    const machine = synced()
    machine.storage.write()
    machine.line(checkpoint([{ name: 'b', count: 2 }], undefined, 8n))
    machine.line(complete)
    machine.resync()
    expect(machine.uploaded(8n)).toEqual([])
    expect(machine.status.downloading).toBeNull()
  })
})
