import { expect, test } from 'vitest'
import type { SyncEvent } from '../../src/sync/event.ts'
import { decodeLine } from '../../src/wire/decode.ts'
import { Session } from './session.ts'

const bucket = (name: string, sub: number, checksum: number) => ({
  bucket: name,
  checksum,
  count: checksum,
  priority: 3,
  subscriptions: [{ sub }],
})

const data = (name: string, from: number, count: number) => ({
  data: {
    bucket: name,
    data: Array.from({ length: count }, (_, index) => ({
      op_id: String(from + index),
      op: 'PUT',
      object_type: 'notes',
      object_id: `n${from + index}`,
      checksum: 1,
      data: '{}',
    })),
  },
})

const checkpoint = {
  checkpoint: {
    last_op_id: '5',
    buckets: [bucket('a', 0, 3), bucket('b', 1, 2)],
    streams: [{ name: 'lists', is_default: false, errors: [] }],
  },
}

const downloading = [checkpoint, data('a', 1, 1), data('b', 2, 2), data('a', 4, 1)]
const whole = [...downloading, data('a', 5, 1), { checkpoint_complete: { last_op_id: '5' } }]

function connected(): Session {
  const session = new Session({ tables: { notes: { columns: {} } } })
  const subscribed = { kind: 'subscribed', name: 'lists', ttl: null, priority: null, holder: 'w' } as const
  session.act({ ...subscribed, params: '{"list":1}', now: session.now })
  session.act({ ...subscribed, params: '{"list":2}', now: session.now })
  session.connect()
  session.act({ kind: 'established', generation: session.generation, now: session.now })
  return session
}

test.each([
  ['a download under way: one report', downloading, 1],
  ['a whole checkpoint: another for what it brought', whole, 2],
])('a turn of many lines tells the same status as a turn for each line: %s', (_, lines, told) => {
  using one = connected()
  using each = connected()
  const reports = one.did('report').length
  const { generation, now } = one
  one.act(
    ...lines.map((line): SyncEvent => {
      return { kind: 'line', generation, line: decodeLine(JSON.stringify(line)), now, random: 0.5 }
    }),
  )
  for (const line of lines) each.line(line)
  expect(one.did('report')).toHaveLength(reports + told)
  expect(one.status).toEqual(each.status)
})
