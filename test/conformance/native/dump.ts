/**
 * A `dump` step in the words of traces, from the native core's tables and its last status. Values stay text
 * from SQLite to the printed line: none passes through a JavaScript number.
 */
import { canonicalParameters } from '../../../src/status/parameters.ts'
import type { StreamParameters } from '../../../src/status/parameters.ts'
import type { CoreStatus, CoreStream, NativeCore } from './core.ts'
import type { SchemaStep } from './schema.ts'
import { rawTableName } from './schema.ts'

/** Seconds that stand for a TTL of `never`: the core has none, and 300 years never come in a trace. */
export const NEVER_SECONDS = 10_000_000_000

export interface Connection {
  readonly connected: boolean
  readonly connecting: boolean
}

export interface StatusSource {
  readonly connection: Connection
  /** What the tables say: which streams there are, and what is kept of them. */
  readonly offline: CoreStatus
  /** What the last iteration said: only there are priorities and progress of streams. */
  readonly last: CoreStatus | null
  /** Whether the iteration of `last` still runs. */
  readonly live: boolean
}

export function describeStatus({ connection, offline, last, live }: StatusSource): object {
  const buckets = (live && last?.downloading && Object.values(last.downloading.buckets)) || null
  const byPriority = buckets
    ?.map(({ priority, at_last, since_last, target_count }) => ({
      priority,
      total: target_count - at_last,
      downloaded: since_last,
    }))
    .sort((a, b) => a.priority - b.priority)
  const sum = (field: 'total' | 'downloaded') => byPriority?.reduce((all, entry) => all + entry[field], 0)
  return {
    ...connection,
    downloading: byPriority ? { total: sum('total'), downloaded: sum('downloaded'), byPriority } : null,
    priorities: offline.priority_status.map(({ priority }) => ({ priority, hasSynced: true })),
    streams: offline.streams.toSorted(byIdentity).map((stream) => {
      const tracked = last?.streams.find((other) => byIdentity(stream, other) === 0)
      return {
        name: stream.name,
        params: stream.parameters,
        priority: tracked?.priority ?? null,
        active: stream.active,
        isDefault: stream.is_default,
        hasExplicitSubscription: stream.has_explicit_subscription,
        hasSynced: stream.last_synced_at !== null,
        progress: (byPriority && (tracked?.progress ?? { total: 0, downloaded: 0 })) ?? null,
      }
    }),
  }
}

/** The rows of every view and raw table, as the JSON text that SQLite writes. */
export function dumpRows(core: NativeCore, { tables, rawTables }: SchemaStep): string {
  const views = Object.entries(tables)
    .filter(([, table]) => table.insertOnly !== true)
    .map(([name, table]) => ({
      name,
      from: typeof table['viewName'] === 'string' ? table['viewName'] : name,
      columns: ['id', ...Object.keys(table.columns)],
    }))
  const raw = Object.entries(rawTables)
    .map(([name, table]) => ({ name, from: rawTableName(name, table) }))
    .map((table) => ({ ...table, columns: columnsOf(core, table.from) }))
    .filter(({ columns }) => columns.length > 0)
  const texts = [...views, ...raw]
    .sort((a, b) => compare(a.name, b.name))
    .map(({ name, from, columns }) => {
      const select = columns.map((column) => `json_quote(${quote(column)})`).join(', ')
      const rows = core
        .prepare(`SELECT ${select} FROM ${quote(from)} ORDER BY id`)
        .raw()
        .all() as string[][]
      const fields = rows.map((row) =>
        columns.map((column, i) => `${JSON.stringify(column)}:${jsonText(row[i])}`).join(','),
      )
      return `${JSON.stringify(name)}:[${fields.map((text) => `{${text}}`).join(',')}]`
    })
  return `{${texts.join(',')}}`
}

function columnsOf(core: NativeCore, table: string): readonly string[] {
  return core.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[]
}

/** The upload queue as JSON text; entries keep the text of their values. */
export function dumpCrud(core: NativeCore): string {
  const entries = core
    .prepare(
      `SELECT json_object('op', data ->> 'op', 'table', data ->> 'type', 'id', data ->> 'id',
                          'data', json(coalesce(data -> 'data', 'null')), 'tx', tx_id)
         FROM ps_crud ORDER BY id`,
    )
    .pluck()
    .all()
  return `[${entries.join(',')}]`
}

interface SubscriptionRow {
  readonly stream_name: string
  readonly local_params: string
  readonly ttl: number | null
  readonly local_priority: number | null
  readonly active: number
  readonly is_default: number
}

export function dumpStreams(core: NativeCore): readonly object[] {
  const rows = core.prepare('SELECT * FROM ps_stream_subscriptions').all() as SubscriptionRow[]
  return rows
    .map((row) => ({
      name: row.stream_name,
      parameters: JSON.parse(row.local_params) as CoreStream['parameters'],
      row,
    }))
    .sort(byIdentity)
    .map(({ name, parameters, row }) => ({
      name,
      params: parameters,
      ttl: row.ttl === NEVER_SECONDS ? 'never' : row.ttl,
      priority: row.local_priority,
      active: row.active === 1,
      isDefault: row.is_default === 1,
    }))
}

type Identity = Pick<CoreStream, 'name' | 'parameters'>

function byIdentity(a: Identity, b: Identity): number {
  const text = (stream: Identity) => canonicalParameters(stream.parameters as StreamParameters) ?? ''
  return compare(a.name, b.name) || compare(text(a), text(b))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A trace writes the infinities as ±9e999; `json_quote` has more than one spelling. */
function jsonText(text: string | undefined): string {
  return (text ?? 'null').replace(/^(-?)9(?:\.0)?e\+?999$/, '$19e999')
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
