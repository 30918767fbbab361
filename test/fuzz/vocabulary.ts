/** What histories are made of: subscriptions, schemas, statements of the app, lines that nobody should send. */
import type { Step } from './generate.ts'
import { defaultStreams } from './service.ts'

export interface Subscribed {
  readonly stream: string
  readonly params: { readonly k: number } | null
}

export const subscriptions: readonly Subscribed[] = [
  ...[1, 2, 3].map((k) => ({ stream: 's', params: { k } })),
  { stream: 't', params: null },
  ...defaultStreams.map((stream) => ({ stream, params: null })),
]

/** Subscriptions that the two treat differently as soon as they are active. */
export const odd: readonly Subscribed[] = [
  { stream: 'nowhere', params: null },
  { stream: 'd', params: { k: 1 } },
]

export const holders = ['h1', 'h2']

const columns = { a: 'text', b: 'integer' }
const changes = { trackPrevious: { columns: ['a'], onlyWhenChanged: true }, trackMetadata: true }

export const schemas: readonly Step[] = [
  {
    t: { columns: { ...columns, c: 'real' }, trackPrevious: true },
    u: { columns: { x: 'text' } },
    w: { columns, ...changes, ignoreEmptyUpdates: true },
    log: { columns, insertOnly: true },
    own: { columns, localOnly: true },
  },
  {
    t: { columns: { a: 'integer', c: 'text' } },
    v: { columns: { a: 'text', extra: 'text' } },
    own: { columns },
  },
  {
    t: { columns: { extra: 'text', b: 'text' } },
    u: { columns: { x: 'real', a: 'text' }, indexes: { i: { columns: [{ name: 'x' }] } } },
    w: { columns, ...changes, ignoreEmptyUpdates: true },
    log: { columns, insertOnly: true },
  },
].map((tables) => ({ do: 'schema', tables }))

/** Takes an id, a number, a text. Tables of their own are those that the service never fills. */
export type Write = (
  id: string,
  number: number,
  text: string,
) => readonly [sql: string, params: readonly unknown[]]

export const plainWrites: readonly Write[] = [
  (id, b) => ['INSERT OR REPLACE INTO t(id, b) VALUES(?, ?)', [id, b]],
  (id, b) => ['UPDATE t SET b = ? WHERE id = ?', [b, id]],
  (id) => ['DELETE FROM t WHERE id = ?', [id]],
]

export const otherWrites: readonly Write[] = [
  (id, b, a) => ['INSERT INTO w(id, a, b, _metadata) VALUES(?, ?, ?, ?)', [id, a, b, `because of ${a}`]],
  (id, b, a) => ['UPDATE w SET a = ?, b = ? WHERE id = ?', [a, b, id]],
  (id, b, a) => ['UPDATE w SET b = ?, _metadata = ? WHERE id = ?', [b, a, id]],
  (id) => ['UPDATE w SET a = a WHERE id = ?', [id]],
  (id, _b, a) => ['UPDATE w SET _deleted = TRUE, _metadata = ? WHERE id = ?', [a, id]],
  (id) => ['DELETE FROM w WHERE id = ?', [id]],
  (id, b, a) => ['INSERT INTO log(id, a, b) VALUES(?, ?, ?)', [id, a, b]],
  (id, b, a) => ['INSERT OR REPLACE INTO own(id, a, b) VALUES(?, ?, ?)', [id, a, b]],
]

export const malformed: readonly string[] = [
  'not json',
  '{"checkpoint":{}}',
  '{"checkpoint_complete":1}',
  '{"token_expires_in":"soon"}',
  '{"data":{"bucket":"d|1","data":[{"op_id":"1","op":"FOO","checksum":1}]}}',
  '{"data":{"bucket":"d|1","data":[{"op_id":"x","op":"MOVE","checksum":1}]}}',
]
