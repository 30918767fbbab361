/** The table of codes, and what messages weigh. */
import { serialize } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { encodeMessage, type StatusMessage } from '../../src/status/message.ts'
import { EMPTY_STATUS, type Status, type StatusDelta, type StreamStatus } from '../../src/status/status.ts'

const at = 1_795_000_000_000
const epoch = '3f2b8a52-5f0e-4f4e-9d43-0a1c2b3d4e5f'

function stream(id: number): StreamStatus {
  return {
    id,
    name: 'project_issues',
    params: { project: `project-${id}` },
    priority: 2,
    active: true,
    isDefault: false,
    hasExplicitSubscription: true,
    expiresAt: null,
    lastSyncedAt: at,
    progress: { total: 900, downloaded: 120 },
    error: null,
    holders: ['main 1'],
  }
}

const status: Status = {
  ...EMPTY_STATUS,
  connection: { state: 'connected' },
  downloading: {
    total: 100_000,
    downloaded: 5_000,
    byPriority: [{ priority: 3, total: 100_000, downloaded: 5_000 }],
  },
  priorities: [{ priority: 2147483647, lastSyncedAt: at }],
  streams: new Map(Array.from({ length: 500 }, (_, i) => [i + 1, stream(i + 1)])),
}

const delta = (change: StatusDelta): StatusMessage => ({ kind: 'delta', sequence: 7, delta: change })

describe('the documented form', () => {
  test.each<[StatusDelta, unknown]>([
    [{ connection: { state: 'offline' } }, [0, 0]],
    [{ connection: { state: 'connecting' } }, [0, 1]],
    [{ connection: { state: 'connected' } }, [0, 2]],
    [
      { connection: { state: 'waiting', reason: { code: 'c', message: 'm' }, retryAt: at } },
      [0, [at, ['c', 'm']]],
    ],
    [
      { downloading: { total: 9, downloaded: 4, byPriority: [{ priority: 1, total: 9, downloaded: 4 }] } },
      [1, [9, 4, [[1, 9, 4]]]],
    ],
    [{ downloading: null, priorities: [{ priority: 1, lastSyncedAt: at }] }, [1, null, 2, [[1, at]]]],
    [
      {
        streams: new Map<number, StreamStatus | Partial<StreamStatus> | null>([
          [3, { progress: { total: 9, downloaded: 4 }, isDefault: false }],
          [4, null],
          [5, stream(5)],
        ]),
      },
      [
        3,
        [
          [3, 9, [9, 4], 5, 0],
          [4],
          [
            [
              5,
              'project_issues',
              { project: 'project-5' },
              2,
              1,
              0,
              1,
              null,
              at,
              [900, 120],
              null,
              ['main 1'],
            ],
          ],
        ],
      ],
    ],
    [{ downloadError: { code: 'c', message: 'm' }, uploadError: null }, [4, ['c', 'm'], 6, null]],
    [{ synced: [{ priority: 2147483647, lastSyncedAt: at }] }, [7, [[2147483647, at]]]],
    [{ upload: EMPTY_STATUS.upload }, [5, [0, 0, 0, 0, null, null, null]]],
  ])('of %j', (change, wire) => expect(encodeMessage(delta(change))).toEqual([1, 7, wire]))

  test('of a snapshot', () => {
    expect(
      encodeMessage({ kind: 'snapshot', sequence: 0, epoch: 'e', status: { ...status, streams: new Map() } }),
    ).toEqual([
      0,
      0,
      'e',
      [
        2,
        [100_000, 5_000, [[3, 100_000, 5_000]]],
        [[2147483647, at]],
        [],
        null,
        [0, 0, 0, 0, null, null, null],
        null,
      ],
    ])
  })
})

describe('what messages weigh, as JSON and by the structured-clone serialiser', () => {
  /** Of the payload, and inside of tRPC's envelope. */
  function weigh(message: StatusMessage): { json: number; cloned: number; enveloped: number } {
    const data = encodeMessage(message)
    const envelope = { id: 1, result: { type: 'data', data } }
    return {
      json: Buffer.byteLength(JSON.stringify(data)),
      cloned: serialize(envelope).byteLength,
      enveloped: Buffer.byteLength(JSON.stringify(envelope)),
    }
  }

  /** The same with named fields: maps as entries, nothing else changed. */
  function named(message: StatusMessage): number {
    return Buffer.byteLength(
      JSON.stringify({ ...message, epoch }, (_key, value: unknown) =>
        value instanceof Map ? [...value] : value,
      ),
    )
  }

  const progress = { streams: new Map([[321, { progress: { total: 900, downloaded: 121 } }]]) }

  test('the progress of one stream: under 100 bytes in its envelope', () => {
    const { json, cloned, enveloped } = weigh(delta(progress))
    expect(json).toBe('[1,7,[3,[[321,9,[900,121]]]]]'.length)
    expect(enveloped).toBeLessThan(100)
    expect(cloned).toBeLessThan(100)
    expect(json * 4).toBeLessThan(named(delta(progress)))
  })

  test('a data line: the progress of its stream and of the download, under 150 bytes in its envelope', () => {
    const message = delta({ ...progress, downloading: status.downloading })
    const { json, cloned, enveloped } = weigh(message)
    expect(enveloped).toBeLessThan(150)
    expect(cloned).toBeLessThan(150)
    expect(json * 3).toBeLessThan(named(message))
  })

  test('a snapshot of 500 streams: under half of the named form', () => {
    const message: StatusMessage = { kind: 'snapshot', sequence: 0, epoch, status }
    expect(weigh(message).json * 2).toBeLessThan(named(message))
  })
})
