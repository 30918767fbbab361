/** Rules P: from one stream to the next, and what the status shows meanwhile. */
import { describe, expect, test } from 'vitest'
import { isOpen } from '../../src/sync/state.ts'
import { checkpoint, complete, data, keepalive } from './lines.ts'
import { deeds, Machine, requestOf } from './machine.ts'

const broken = {
  kind: 'failed',
  error: { code: 'broken', message: 'The stream broke.' },
  retryAfter: null,
} as const

function connected(): Machine {
  const machine = new Machine()
  machine.start()
  machine.established()
  return machine
}

describe('P1: started', () => {
  test('opens a stream with the positions of all buckets, and the options', () => {
    const machine = connected()
    machine.line(checkpoint([{ name: 'b', count: 2 }]))
    machine.line(data('b', 2))
    machine.line(complete)
    machine.stop()
    const told = machine.start({ parameters: { p: 1 }, appMetadata: { app: 'x' }, includeDefaults: false })
    expect(told).toEqual([
      {
        do: 'open',
        generation: 2,
        request: {
          buckets: [{ name: 'b', after: '100' }],
          include_checksum: true,
          raw_data: true,
          binary_data: true,
          client_id: 'client',
          parameters: { p: 1 },
          app_metadata: { app: 'x' },
          streams: { include_defaults: false, subscriptions: [] },
        },
      },
    ])
  })

  test('leaves out app metadata when there is none: the service takes no nulls', () => {
    expect(requestOf(new Machine().start())).not.toHaveProperty('app_metadata')
  })

  test('closes an open stream first, hidden', () => {
    const machine = connected()
    const [close, open] = machine.start()
    expect(close).toEqual({ do: 'close', generation: 1, hideDisconnect: true })
    expect(open).toMatchObject({ do: 'open', generation: 2 })
  })

  test('closes a stream that is still connecting, too', () => {
    const machine = new Machine()
    machine.start()
    expect(deeds(machine.start())).toEqual(['close', 'open'])
    expect(machine.status.connection).toEqual({ state: 'connecting' })
  })

  test.each(['waiting', 'restarting'] as const)('opens at once while %s', (phase) => {
    const machine = connected()
    if (phase === 'waiting') machine.end()
    else machine.refreshed()
    expect(machine.state.phase.at).toBe(phase)
    expect(deeds(machine.start())).toEqual(['open'])
  })
})

describe('P2: the connection', () => {
  test('is connecting from started to the headers', () => {
    const machine = new Machine()
    expect(machine.status.connection).toEqual({ state: 'offline' })
    machine.start()
    expect(machine.status.connection).toEqual({ state: 'connecting' })
    machine.established()
    expect(machine.status.connection).toEqual({ state: 'connected' })
  })

  test('is connected by the first line, whatever it is', () => {
    const machine = new Machine()
    machine.start()
    machine.line({ kind: 'unknown', name: 'x' })
    expect(machine.status.connection).toEqual({ state: 'connected' })
  })
})

test('P3: a hidden close keeps what was shown until something comes', () => {
  const machine = connected()
  machine.refreshed()
  expect(machine.status.connection).toEqual({ state: 'connected' })
  machine.clock()
  expect(machine.state.phase.at).toBe('opening')
  expect(machine.status.connection).toEqual({ state: 'connected' })
  machine.start()
  expect(machine.status.connection).toEqual({ state: 'connected' })
  machine.line(keepalive(60))
  expect(machine.status.connection).toEqual({ state: 'connected' })
})

test('P3: a hidden close while connecting keeps connecting', () => {
  const machine = new Machine()
  machine.start()
  machine.refreshed()
  machine.clock()
  expect(machine.status.connection).toEqual({ state: 'connecting' })
})

test('P3: when the next stream fails the end is seen', () => {
  const machine = connected()
  machine.refreshed()
  machine.clock()
  machine.end(broken)
  expect(machine.status.connection).toMatchObject({ state: 'waiting', reason: broken.error })
})

describe('P4: stopped', () => {
  test.each(['opening', 'streaming'] as const)('closes a stream that is %s, visibly', (phase) => {
    const machine = new Machine()
    machine.start()
    if (phase === 'streaming') machine.established()
    expect(machine.stop()).toEqual([{ do: 'close', generation: 1, hideDisconnect: false }])
    expect(machine.status.connection).toEqual({ state: 'offline' })
    expect(isOpen(machine.state)).toBe(false)
  })

  test.each(['waiting', 'restarting'] as const)('cancels the wake-up while %s', (phase) => {
    const machine = connected()
    if (phase === 'waiting') machine.end()
    else machine.refreshed()
    expect(machine.stop()).toEqual([{ do: 'wake', at: null }])
    expect(machine.status.connection).toEqual({ state: 'offline' })
    expect(machine.clock()).toEqual([])
  })

  test('twice does nothing the second time', () => {
    const machine = connected()
    machine.stop()
    expect(machine.stop()).toEqual([])
  })
})

describe('P5: the end of a stream', () => {
  test('closed by the service: visible, with the reason, and no error', () => {
    const machine = connected()
    expect(machine.end()).toEqual([
      { do: 'close', generation: 1, hideDisconnect: false },
      { do: 'wake', at: machine.now + 500 },
    ])
    expect(machine.status).toMatchObject({
      connection: { state: 'waiting', reason: { code: 'stream_ended' }, retryAt: machine.now + 500 },
      downloadError: null,
    })
  })

  test('an error is the download error until a checkpoint is applied', () => {
    const machine = connected()
    machine.end(broken)
    expect(machine.status.downloadError).toEqual(broken.error)
    machine.now += 60_000
    machine.clock()
    machine.line(checkpoint([]))
    expect(machine.status.downloadError).toEqual(broken.error)
    machine.line(complete)
    expect(machine.status.downloadError).toBeNull()
  })
})

describe('P6: refreshed', () => {
  test.each(['opening', 'streaming'] as const)('restarts a stream that is %s', (phase) => {
    const machine = new Machine()
    machine.start()
    if (phase === 'streaming') machine.established()
    expect(machine.refreshed()).toEqual([
      { do: 'close', generation: 1, hideDisconnect: true },
      { do: 'wake', at: machine.now },
    ])
  })

  test('without a stream changes nothing', () => {
    const machine = connected()
    machine.end()
    const { state } = machine
    expect(machine.refreshed()).toEqual([])
    expect(machine.state).toBe(state)
  })
})

test('P7: a restart opens the next stream with the clock, with what came in between', () => {
  const machine = connected()
  expect(deeds(machine.subscribe('a'))).toEqual(['close', 'wake'])
  expect(machine.subscribe('b')).toEqual([])
  const request = requestOf(machine.clock())
  expect(request.streams.subscriptions.map(({ stream }) => stream)).toEqual(['a', 'b'])
})

describe('P8: clock', () => {
  test('opens when the time has come, and not before', () => {
    const machine = connected()
    machine.end()
    machine.now += 499
    expect(machine.clock()).toEqual([{ do: 'wake', at: machine.now + 1 }])
    machine.now += 1
    expect(deeds(machine.clock())).toEqual(['open'])
    expect(machine.status.connection).toEqual({ state: 'connecting' })
  })

  test('changes nothing while a stream is open', () => {
    const machine = connected()
    const { state } = machine
    expect(machine.clock()).toEqual([])
    expect(machine.state).toBe(state)
  })
})

test.each([
  ['stopped', (machine: Machine) => machine.stop()],
  ['ended', (machine: Machine) => machine.end()],
  ['refreshed', (machine: Machine) => machine.refreshed()],
  ['started', (machine: Machine) => machine.start()],
] as const)('P9: after %s there is no progress, and what was saved stays', (_event, happen) => {
  const machine = connected()
  machine.line(checkpoint([{ name: 'b', count: 12 }]))
  machine.line(data('b', 5))
  expect(machine.stream('d')?.progress).toEqual({ total: 12, downloaded: 5 })
  happen(machine)
  expect(machine.status.downloading).toBeNull()
  expect(machine.stream('d')?.progress).toBeNull()
  machine.now += 60_000
  machine.start()
  machine.line(checkpoint([{ name: 'b', count: 12 }]))
  expect(machine.status.downloading).toMatchObject({ total: 12, downloaded: 5 })
})
