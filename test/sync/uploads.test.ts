/** Rules U: local writes that were uploaded, and checkpoint requests. */
import { describe, expect, test } from 'vitest'
import type { StorageCommand, SyncEvent } from '../../src/sync/event.ts'
import { step } from '../../src/sync/step.ts'
import { checkpoint, complete, data, diff, partial } from './lines.ts'
import { Machine } from './machine.ts'

const happen: { readonly [phase: string]: (machine: Machine) => void } = {
  stopped: () => undefined,
  opening: (machine) => machine.start(),
  streaming: (machine) => (machine.start(), machine.established()),
  waiting: (machine) => (machine.start(), machine.end()),
  restarting: (machine) => (machine.start(), machine.refreshed()),
}

describe.each(Object.keys(happen))('while %s', (phase) => {
  function reached(): Machine {
    const machine = new Machine()
    happen[phase]!(machine)
    expect(machine.state.phase.at).toBe(phase)
    return machine
  }

  const { now, random } = { now: 1, random: 0.5 }
  const cases: readonly (readonly [string, SyncEvent, StorageCommand])[] = [
    [
      'U1: uploaded completes the entries',
      { kind: 'uploaded', through: 7, writeCheckpoint: 3n, now, random },
      { do: 'complete_upload', through: 7, writeCheckpoint: 3n },
    ],
    [
      'U1: uploaded without a write checkpoint, too',
      { kind: 'uploaded', through: null, writeCheckpoint: null, now, random },
      { do: 'complete_upload', through: null, writeCheckpoint: null },
    ],
    [
      'U2: write_checkpoint sets what the gate asks for',
      { kind: 'write_checkpoint', id: 4n, now, random },
      { do: 'set_target', id: 4n },
    ],
    ['U3: checkpoint_requested allocates', { kind: 'checkpoint_requested', now }, { do: 'allocate_request' }],
    ['U3: requests_seeded seeds', { kind: 'requests_seeded', id: 9n, now }, { do: 'seed_requests', id: 9n }],
  ]

  test.each(cases)('%s, and nothing else', (_name, event, command) => {
    const { state } = reached()
    expect(step(state, event)).toEqual({ state, commands: [command] })
  })

  test('U3: the allocated id is posted', () => {
    const machine = reached()
    expect(machine.requestCheckpoint()).toEqual([{ do: 'post_checkpoint_request', id: 1n }])
    expect(machine.requestCheckpoint()).toEqual([{ do: 'post_checkpoint_request', id: 2n }])
    machine.send({ kind: 'requests_seeded', id: 9n, now: machine.now })
    expect(machine.requestCheckpoint()).toEqual([{ do: 'post_checkpoint_request', id: 10n }])
  })
})

describe('U4: a full completion tells the write checkpoint that it carries', () => {
  function reachedBy(machine: Machine): readonly bigint[] {
    return machine.line(complete).flatMap((command) => (command.do === 'reached' ? [command.id] : []))
  }

  test('once, and B2.29: not one that came before', () => {
    const machine = new Machine()
    machine.start()
    machine.line(checkpoint([], undefined, 5n))
    expect(reachedBy(machine)).toEqual([5n])
    machine.line(diff([]))
    expect(reachedBy(machine)).toEqual([])
    machine.line(diff([], [], 6n))
    expect(reachedBy(machine)).toEqual([6n])
  })

  test('B2.28: a partial one does not', () => {
    const machine = new Machine()
    machine.start()
    machine.line(checkpoint([{ name: 'b', count: 0, priority: 1 }], undefined, 5n))
    expect(machine.line(partial(1))).toEqual([])
  })

  test('blocked, it does not', () => {
    const machine = new Machine()
    machine.storage.write()
    machine.start()
    machine.line(checkpoint([], undefined, 5n))
    expect(reachedBy(machine)).toEqual([])
  })

  test('B2.46: after the upload it may come together with data', () => {
    const machine = new Machine()
    machine.storage.write()
    machine.uploaded(null)
    machine.start()
    machine.writeCheckpoint(5n)
    machine.line(checkpoint([{ name: 'b', count: 1 }], undefined, 5n))
    machine.line(data('b', 1))
    expect(reachedBy(machine)).toEqual([5n])
    expect(machine.stream('d')?.lastSyncedAt).toBe(machine.now)
  })
})

test('U2: a write made since the service was asked keeps the gate closed', () => {
  const machine = new Machine()
  machine.storage.write()
  machine.start()
  machine.uploaded(null)
  machine.storage.write()
  machine.writeCheckpoint(5n)
  machine.line(checkpoint([], undefined, 5n))
  machine.line(complete)
  expect(machine.status.priorities).toEqual([])
})
