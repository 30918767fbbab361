/**
 * Known faults of the native core that Headwater must not have. Each is a trace of its own; what both print at
 * its end stands here, so that a repaired core is noticed too.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { replay } from '../../src/replay/replay.ts'
import { asBson } from './as-bson.ts'
import { NativeCore } from './native/core.ts'
import { runNative } from './native.ts'

interface Fault {
  readonly trace: string
  readonly rule: string
  /** What is looked at in the last dump. */
  readonly look: (dump: Dump) => unknown
  readonly ours: unknown
  readonly native: unknown
}

const faults: readonly Fault[] = [
  {
    trace: 'fault-row-goes-back',
    rule: 'a row does not go back to an older op that a new bucket of a higher priority brings',
    look: ({ rows }) => rows['todos']?.map(({ description }) => description),
    ours: ['newer'],
    native: ['older'],
  },
  {
    trace: 'fault-has-synced-falls-back',
    rule: 'a default stream stays synced when its explicit subscription ends',
    look: ({ status }) => status.streams.map(({ name, hasSynced }) => [name, hasSynced]),
    ours: [['a', true]],
    native: [['a', false]],
  },
  {
    trace: 'fault-active-through-namesake',
    rule: 'a subscription is not active because the service lists its stream for another one',
    look: ({ status }) => status.streams.map(({ params, active }) => [params, active]),
    ours: [[{ k: 2 }, true]],
    native: [
      [{ k: 1 }, true],
      [{ k: 2 }, true],
    ],
  },
  {
    trace: 'fault-default-buckets-of-nobody',
    rule: 'a default stream owns its buckets beside a subscription of its name with parameters',
    look: ({ status }) => status.streams.map(({ params, hasSynced }) => [params, hasSynced]),
    ours: [
      [null, true],
      [{ k: 1 }, true],
    ],
    native: [[{ k: 1 }, true]],
  },
  {
    trace: 'fault-write-undone-by-an-older-checkpoint',
    rule: 'a checkpoint that was complete before a local write does not undo it, whatever id the upload is given',
    look: ({ rows }) => rows['todos']?.map(({ description }) => description),
    ours: ['mine again'],
    native: ['mine'],
  },
]

const forms = { JSON: (text: string) => text, BSON: asBson }

describe.each(['JSON', 'BSON'] as const)('lines in %s', (form) => {
  test.each(faults)('$trace: $rule', async ({ trace, look, ours, native }) => {
    const file = join(import.meta.dirname, 'traces', `${trace}.jsonl`)
    const text = forms[form](readFileSync(file, 'utf8'))
    expect(look(lastDump(await replay(text)))).toEqual(ours)
    expect(look(lastDump(runNative(text)))).toEqual(native)
  })
})

test('fault-expired-stays-listed: an expired stream leaves the status at once', async () => {
  const text = readFileSync(join(import.meta.dirname, 'traces', 'fault-expired-stays-listed.jsonl'), 'utf8')
  const dumps = (await replay(text)).filter((line) => line.includes('"status"'))
  expect((JSON.parse(dumps[0]!) as Dump).status.streams).toEqual([])

  // The core deletes its row and closes the stream, without a word to those who watch the status.
  let now = 0
  const core = new NativeCore(':memory:', () => now)
  const subscribe = { stream: { name: 'x', params: null }, ttl: 10 }
  core.control('subscriptions', JSON.stringify({ subscribe }))
  core.control('start', '{}')
  const listed = core.control('line_text', '{"checkpoint":{"last_op_id":"1","buckets":[],"streams":[]}}')
  expect(listed.at(-1)?.UpdateSyncStatus?.status.streams).toMatchObject([{ name: 'x' }])
  now = 11_000
  const told = core.control('line_text', '{"token_expires_in":60}')
  expect(told).toEqual([{ CloseSyncStream: { hide_disconnect: true } }])
  expect(core.offlineStatus().streams).toEqual([])
  core.close()
})

interface Dump {
  readonly status: {
    readonly streams: readonly {
      readonly name: string
      readonly params: object | null
      readonly active: boolean
      readonly hasSynced: boolean
    }[]
  }
  readonly rows: {
    readonly [table: string]: readonly { readonly id: string; readonly description: string }[]
  }
}

function lastDump(printed: readonly string[]): Dump {
  const dumps = printed.map((line) => JSON.parse(line) as Partial<Dump>)
  return dumps.findLast(({ status }) => status !== undefined) as Dump
}
