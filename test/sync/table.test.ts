/**
 * The total table: every event in every phase. A new phase or event does not compile until it is decided here.
 * The cells say which phase follows; what else happens is tested in the files beside this one.
 */
import { describe, expect, test } from 'vitest'
import type { SyncEvent } from '../../src/sync/event.ts'
import { initial } from '../../src/sync/state.ts'
import type { Phase, State } from '../../src/sync/state.ts'
import { MisplacedEvent, step } from '../../src/sync/step.ts'
import { checkpoint } from './lines.ts'
import { OPTIONS } from './machine.ts'

type At = Phase['at']
type Kind = SyncEvent['kind']

const now = 1_772_000_000_000
const error = { code: 'broken', message: 'The stream broke.' }

const events: { readonly [K in Kind]: Extract<SyncEvent, { kind: K }> } = {
  loaded: { kind: 'loaded', loaded: { clientId: 'c', subscriptions: [], priorities: [] } },
  started: { kind: 'started', now, options: OPTIONS },
  stopped: { kind: 'stopped', now },
  established: { kind: 'established', generation: 1, now },
  line: { kind: 'line', generation: 1, line: checkpoint([]), now, random: 0.5 },
  malformed: { kind: 'malformed', generation: 1, error, now, random: 0.5 },
  ended: { kind: 'ended', generation: 1, reason: { kind: 'closed' }, now, random: 0.5 },
  refreshed: { kind: 'refreshed', now },
  subscribed: { kind: 'subscribed', name: 's', params: null, ttl: null, priority: null, holder: 'h', now },
  released: { kind: 'released', name: 's', params: null, holder: 'h', now },
  unsubscribed_all: { kind: 'unsubscribed_all', name: 's', params: null, now },
  uploaded: { kind: 'uploaded', through: null, writeCheckpoint: 1n, now, random: 0.5 },
  write_checkpoint: { kind: 'write_checkpoint', id: 1n, now, random: 0.5 },
  checkpoint_requested: { kind: 'checkpoint_requested', now },
  requests_seeded: { kind: 'requests_seeded', id: 1n, now },
  cleared: { kind: 'cleared', clearLocal: true, soft: false, now },
  resynced: { kind: 'resynced', now },
  clock: { kind: 'clock', now: now + 60_000 },
  positions: { kind: 'positions', buckets: [] },
  tracked: { kind: 'tracked', reset: true, changes: [] },
  saved: { kind: 'saved', priority: 3, subscriptions: [], ops: 1 },
  applied: { kind: 'applied', priorities: [] },
  blocked: { kind: 'blocked' },
  mismatched: { kind: 'mismatched', mismatches: [] },
  request_allocated: { kind: 'request_allocated', id: 1n },
}

/** The way to each phase, from the beginning. */
const ways: { readonly [A in At]: readonly SyncEvent[] } = {
  unloaded: [],
  stopped: [events.loaded],
  preparing: [events.loaded, events.started],
  opening: [events.loaded, events.started, events.positions],
  streaming: [events.loaded, events.started, events.positions, events.line, events.tracked],
  applying: [
    events.loaded,
    events.started,
    events.positions,
    events.line,
    events.tracked,
    { ...events.line, line: { kind: 'checkpoint_complete', lastOpId: 1n } },
  ],
  waiting: [events.loaded, events.started, events.positions, events.ended],
  restarting: [events.loaded, events.started, events.positions, events.refreshed],
}

type Row = { readonly [K in Kind]: At | 'misplaced' }

const misplacedOutcomes = {
  positions: 'misplaced',
  tracked: 'misplaced',
  saved: 'misplaced',
  applied: 'misplaced',
  blocked: 'misplaced',
  mismatched: 'misplaced',
  request_allocated: 'misplaced',
} as const

const misplacedEvents = {
  loaded: 'misplaced',
  started: 'misplaced',
  stopped: 'misplaced',
  established: 'misplaced',
  line: 'misplaced',
  malformed: 'misplaced',
  ended: 'misplaced',
  refreshed: 'misplaced',
  subscribed: 'misplaced',
  released: 'misplaced',
  unsubscribed_all: 'misplaced',
  uploaded: 'misplaced',
  write_checkpoint: 'misplaced',
  checkpoint_requested: 'misplaced',
  requests_seeded: 'misplaced',
  cleared: 'misplaced',
  resynced: 'misplaced',
  clock: 'misplaced',
} as const

const table: { readonly [A in At]: Row } = {
  unloaded: { ...misplacedEvents, ...misplacedOutcomes, loaded: 'stopped' },
  stopped: {
    loaded: 'misplaced',
    started: 'preparing',
    stopped: 'stopped',
    established: 'stopped',
    line: 'stopped',
    malformed: 'stopped',
    ended: 'stopped',
    refreshed: 'stopped',
    subscribed: 'stopped',
    released: 'stopped',
    unsubscribed_all: 'stopped',
    uploaded: 'stopped',
    write_checkpoint: 'stopped',
    checkpoint_requested: 'stopped',
    requests_seeded: 'stopped',
    cleared: 'stopped',
    resynced: 'stopped',
    clock: 'stopped',
    ...misplacedOutcomes,
    request_allocated: 'stopped',
  },
  preparing: { ...misplacedEvents, ...misplacedOutcomes, positions: 'opening' },
  opening: {
    loaded: 'misplaced',
    started: 'preparing',
    stopped: 'stopped',
    established: 'streaming',
    line: 'streaming',
    malformed: 'waiting',
    ended: 'waiting',
    refreshed: 'restarting',
    subscribed: 'restarting',
    released: 'opening',
    unsubscribed_all: 'opening',
    uploaded: 'opening',
    write_checkpoint: 'opening',
    checkpoint_requested: 'opening',
    requests_seeded: 'opening',
    cleared: 'misplaced',
    resynced: 'restarting',
    clock: 'opening',
    ...misplacedOutcomes,
    request_allocated: 'opening',
  },
  streaming: {
    loaded: 'misplaced',
    started: 'preparing',
    stopped: 'stopped',
    established: 'streaming',
    line: 'streaming',
    malformed: 'waiting',
    ended: 'waiting',
    refreshed: 'restarting',
    subscribed: 'restarting',
    released: 'streaming',
    unsubscribed_all: 'streaming',
    uploaded: 'streaming',
    write_checkpoint: 'streaming',
    checkpoint_requested: 'streaming',
    requests_seeded: 'streaming',
    cleared: 'misplaced',
    resynced: 'restarting',
    clock: 'streaming',
    ...misplacedOutcomes,
    request_allocated: 'streaming',
    tracked: 'streaming',
    saved: 'streaming',
  },
  applying: {
    ...misplacedEvents,
    ...misplacedOutcomes,
    applied: 'streaming',
    blocked: 'streaming',
    mismatched: 'waiting',
  },
  waiting: {
    loaded: 'misplaced',
    started: 'preparing',
    stopped: 'stopped',
    established: 'waiting',
    line: 'waiting',
    malformed: 'waiting',
    ended: 'waiting',
    refreshed: 'waiting',
    subscribed: 'waiting',
    released: 'waiting',
    unsubscribed_all: 'waiting',
    uploaded: 'waiting',
    write_checkpoint: 'waiting',
    checkpoint_requested: 'waiting',
    requests_seeded: 'waiting',
    cleared: 'waiting',
    resynced: 'waiting',
    clock: 'preparing',
    ...misplacedOutcomes,
    request_allocated: 'waiting',
  },
  restarting: {
    loaded: 'misplaced',
    started: 'preparing',
    stopped: 'stopped',
    established: 'restarting',
    line: 'restarting',
    malformed: 'restarting',
    ended: 'restarting',
    refreshed: 'restarting',
    subscribed: 'restarting',
    released: 'restarting',
    unsubscribed_all: 'restarting',
    uploaded: 'restarting',
    write_checkpoint: 'restarting',
    checkpoint_requested: 'restarting',
    requests_seeded: 'restarting',
    cleared: 'restarting',
    resynced: 'restarting',
    clock: 'preparing',
    ...misplacedOutcomes,
    request_allocated: 'restarting',
  },
}

const fromStream = ['established', 'line', 'malformed', 'ended'] as const

function reach(at: At): State {
  const state = ways[at].reduce((before, event) => step(before, event).state, initial)
  expect(state.phase.at).toBe(at)
  return state
}

describe.each(Object.entries(table) as [At, Row][])('%s', (at, row) => {
  test.each(Object.entries(row) as [Kind, Row[Kind]][])('%s: %s', (kind, next) => {
    const state = reach(at)
    if (next === 'misplaced') expect(() => step(state, events[kind]), 'A3').toThrow(MisplacedEvent)
    else expect(step(state, events[kind]).state.phase.at).toBe(next)
  })

  test('A4: an event of another stream changes nothing', () => {
    const state = reach(at)
    if (table[at].line === 'misplaced') return
    for (const kind of fromStream) {
      for (const generation of [0, 2]) {
        const { state: after, commands } = step(state, { ...events[kind], generation })
        expect(after).toBe(state)
        expect(commands).toEqual([])
      }
    }
  })

  test('A1: the same event gives the same step, and the state before it stays as it was', () => {
    const state = reach(at)
    for (const kind of Object.keys(row) as Kind[]) {
      if (row[kind] !== 'misplaced') expect(step(state, events[kind])).toEqual(step(reach(at), events[kind]))
    }
    expect(state).toEqual(reach(at))
  })
})
